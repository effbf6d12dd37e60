// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Network.sol";

/// The TicketBroker's interface and rules, written anew for tests.
contract TicketBroker {
    struct Sender {
        uint256 deposit;
        uint256 withdrawRound;
    }

    struct ReserveInfo {
        uint256 fundsRemaining;
        uint256 claimedInCurrentRound;
    }

    struct Ticket {
        address recipient;
        address sender;
        uint256 faceValue;
        uint256 winProb;
        uint256 senderNonce;
        bytes32 recipientRandHash;
        bytes auxData;
    }

    event DepositFunded(address indexed sender, uint256 amount);
    event ReserveFunded(address indexed reserveHolder, uint256 amount);
    event ReserveClaimed(address indexed reserveHolder, address claimant, uint256 amount);
    event WinningTicketRedeemed(
        address indexed sender,
        address indexed recipient,
        uint256 faceValue,
        uint256 winProb,
        uint256 senderNonce,
        uint256 recipientRand,
        bytes auxData
    );
    event WinningTicketTransfer(address indexed sender, address indexed recipient, uint256 amount);
    event Unlock(address indexed sender, uint256 startRound, uint256 endRound);
    event UnlockCancelled(address indexed sender);
    event Withdrawal(address indexed sender, uint256 deposit, uint256 reserve);

    uint256 public constant unlockPeriod = 2;
    uint256 public constant ticketValidityPeriod = 2;
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    Network private immutable network;
    mapping(address => Sender) private senders;
    mapping(address => uint256) private reserves;
    mapping(address => mapping(uint256 => uint256)) private claimedInRound;
    mapping(address => mapping(uint256 => mapping(address => uint256))) private claimedBy;
    mapping(bytes32 => bool) public usedTickets;

    constructor(Network at) {
        network = at;
    }

    function fundDeposit() external payable {
        addDeposit(msg.sender, msg.value);
    }

    function fundReserve() external payable {
        addReserve(msg.sender, msg.value);
    }

    function fundDepositAndReserve(uint256 deposit, uint256 reserve) external payable {
        fund(msg.sender, deposit, reserve);
    }

    function fundDepositAndReserveFor(address sender, uint256 deposit, uint256 reserve) external payable {
        fund(sender, deposit, reserve);
    }

    function fund(address sender, uint256 deposit, uint256 reserve) private {
        require(msg.value == deposit + reserve, "msg.value does not equal sum of deposit amount and reserve amount");
        addDeposit(sender, deposit);
        addReserve(sender, reserve);
    }

    function addDeposit(address sender, uint256 amount) private {
        senders[sender].deposit += amount;
        cancelOwnUnlock(sender);
        emit DepositFunded(sender, amount);
    }

    function addReserve(address sender, uint256 amount) private {
        reserves[sender] += amount;
        cancelOwnUnlock(sender);
        emit ReserveFunded(sender, amount);
    }

    function cancelOwnUnlock(address sender) private {
        if (sender == msg.sender && senders[sender].withdrawRound > 0) {
            senders[sender].withdrawRound = 0;
            emit UnlockCancelled(sender);
        }
    }

    function unlock() external {
        Sender storage sender = senders[msg.sender];
        require(sender.deposit > 0 || reserves[msg.sender] > 0, "sender deposit and reserve are zero");
        require(sender.withdrawRound == 0, "unlock already initiated");
        uint256 round = network.currentRound();
        sender.withdrawRound = round + unlockPeriod;
        emit Unlock(msg.sender, round, sender.withdrawRound);
    }

    function cancelUnlock() external {
        require(senders[msg.sender].withdrawRound > 0, "no unlock request in progress");
        senders[msg.sender].withdrawRound = 0;
        emit UnlockCancelled(msg.sender);
    }

    function withdraw() external {
        Sender storage sender = senders[msg.sender];
        uint256 deposit = sender.deposit;
        uint256 reserve = reserves[msg.sender];
        require(deposit > 0 || reserve > 0, "sender deposit and reserve are zero");
        require(
            sender.withdrawRound > 0 && network.currentRound() >= sender.withdrawRound, "account is locked"
        );
        sender.deposit = 0;
        sender.withdrawRound = 0;
        reserves[msg.sender] = 0;
        (bool sent,) = msg.sender.call{value: deposit + reserve}("");
        require(sent, "withdrawal failed");
        emit Withdrawal(msg.sender, deposit, reserve);
    }

    function getSenderInfo(address sender) external view returns (Sender memory, ReserveInfo memory) {
        return (senders[sender], ReserveInfo(reserves[sender], claimedInRound[sender][network.currentRound()]));
    }

    function getTicketHash(Ticket memory ticket) public pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                ticket.recipient,
                ticket.sender,
                ticket.faceValue,
                ticket.winProb,
                ticket.senderNonce,
                ticket.recipientRandHash,
                ticket.auxData
            )
        );
    }

    function redeemWinningTicket(Ticket memory ticket, bytes memory sig, uint256 recipientRand) external {
        bytes32 hash = getTicketHash(ticket);
        requireValid(ticket, hash, sig, recipientRand);
        Sender storage sender = senders[ticket.sender];
        uint256 round = network.currentRound();
        require(sender.withdrawRound == 0 || round < sender.withdrawRound, "sender is unlocked");
        require(sender.deposit > 0 || reserves[ticket.sender] > 0, "sender deposit and reserve are zero");
        usedTickets[hash] = true;
        uint256 amount = ticket.faceValue;
        if (amount > sender.deposit) {
            amount = sender.deposit + claim(ticket.sender, ticket.recipient, amount - sender.deposit, round);
            sender.deposit = 0;
        } else {
            sender.deposit -= amount;
        }
        if (amount > 0) {
            network.updateTranscoderWithFees{value: amount}(ticket.recipient);
            emit WinningTicketTransfer(ticket.sender, ticket.recipient, amount);
        }
        emit WinningTicketRedeemed(
            ticket.sender,
            ticket.recipient,
            ticket.faceValue,
            ticket.winProb,
            ticket.senderNonce,
            recipientRand,
            ticket.auxData
        );
    }

    function claim(address holder, address claimant, uint256 wanted, uint256 round) private returns (uint256) {
        uint256 share = (reserves[holder] + claimedInRound[holder][round]) / network.getTranscoderPoolSize();
        uint256 already = claimedBy[holder][round][claimant];
        uint256 left = share > already ? share - already : 0;
        uint256 amount = wanted < left ? wanted : left;
        if (amount > 0) {
            reserves[holder] -= amount;
            claimedInRound[holder][round] += amount;
            claimedBy[holder][round][claimant] += amount;
            emit ReserveClaimed(holder, claimant, amount);
        }
        return amount;
    }

    function requireValid(Ticket memory ticket, bytes32 hash, bytes memory sig, uint256 recipientRand)
        private
        view
    {
        require(ticket.recipient != address(0), "ticket recipient is null address");
        require(ticket.sender != address(0), "ticket sender is null address");
        require(ticket.auxData.length == 64, "invalid length for ticket auxData: must be 64 bytes");
        (uint256 creationRound, bytes32 creationHash) = abi.decode(ticket.auxData, (uint256, bytes32));
        bytes32 known = network.blockHashForRound(creationRound);
        require(known != bytes32(0), "ticket creationRound does not have a block hash");
        require(creationHash == known, "ticket creationRoundBlockHash invalid for creationRound");
        require(creationRound + ticketValidityPeriod > network.currentRound(), "ticket is expired");
        require(
            keccak256(abi.encodePacked(recipientRand)) == ticket.recipientRandHash,
            "recipientRand does not match recipientRandHash"
        );
        require(!usedTickets[hash], "ticket is used");
        require(isSigned(ticket.sender, sig, hash), "invalid signature over ticket hash");
        require(uint256(keccak256(abi.encodePacked(sig, recipientRand))) < ticket.winProb, "ticket did not win");
    }

    function isSigned(address signer, bytes memory sig, bytes32 hash) private pure returns (bool) {
        if (sig.length != 65) return false;
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly {
            r := mload(add(sig, 0x20))
            s := mload(add(sig, 0x40))
            v := byte(0, mload(add(sig, 0x60)))
        }
        if (uint256(s) > HALF_ORDER || (v != 27 && v != 28)) return false;
        address found = ecrecover(keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", hash)), v, r, s);
        return found != address(0) && found == signer;
    }
}
