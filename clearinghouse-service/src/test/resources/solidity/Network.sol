// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Stand-ins for Livepeer's Controller, RoundsManager and BondingManager, as far as payments ask them.
contract Network {
    mapping(bytes32 => address) public contracts;
    mapping(uint256 => bytes32) public blockHashForRound;
    mapping(address => bool) public isRegisteredTranscoder;
    mapping(address => uint256) public fees;
    uint256 public lastInitializedRound;

    function setContract(string calldata name, address at) external {
        contracts[keccak256(bytes(name))] = at;
    }

    function getContract(bytes32 id) external view returns (address) {
        return contracts[id];
    }

    function register(address transcoder) external {
        isRegisteredTranscoder[transcoder] = true;
    }

    function initializeRound(uint256 round) external {
        lastInitializedRound = round;
        blockHashForRound[round] = blockhash(block.number - 1);
    }

    function currentRound() external view returns (uint256) {
        return lastInitializedRound;
    }

    function getTranscoderPoolSize() external pure returns (uint256) {
        return 100;
    }

    function updateTranscoderWithFees(address transcoder) external payable {
        require(isRegisteredTranscoder[transcoder], "transcoder must be registered");
        fees[transcoder] += msg.value;
    }
}
