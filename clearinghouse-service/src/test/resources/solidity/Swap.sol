// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address owner) external view returns (uint256);
}

/// Wrapped ether with the events of the usual one.
contract Weth {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Deposit(address indexed to, uint256 value);
    event Withdrawal(address indexed from, uint256 value);

    mapping(address => uint256) public balanceOf;

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function withdraw(uint256 value) external {
        require(balanceOf[msg.sender] >= value);
        balanceOf[msg.sender] -= value;
        (bool sent,) = msg.sender.call{value: value}("");
        require(sent);
        emit Withdrawal(msg.sender, value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(balanceOf[msg.sender] >= value);
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

/// Has wrapped ether and gives it at a price that is set.
contract Pool {
    Weth public immutable weth;
    uint24 public constant fee = 500;
    uint256 public weiPerUnit;

    constructor(Weth weth_) payable {
        weth = weth_;
        weth_.deposit{value: msg.value}();
    }

    function setPrice(uint256 weiPerUnit_) external {
        weiPerUnit = weiPerUnit_;
    }

    function pay(address to, uint256 amountIn) external returns (uint256 amountOut) {
        amountOut = amountIn * weiPerUnit;
        weth.transfer(to, amountOut);
    }
}

/// The functions of Uniswap's SwapRouter02 and QuoterV2 that a swap of ours needs, with their rules.
contract SwapRouter {
    struct ExactInputSingleParams {
        address tokenIn;
        address tokenOut;
        uint24 fee;
        address recipient;
        uint256 amountIn;
        uint256 amountOutMinimum;
        uint160 sqrtPriceLimitX96;
    }

    struct QuoteExactInputSingleParams {
        address tokenIn;
        address tokenOut;
        uint256 amountIn;
        uint24 fee;
        uint160 sqrtPriceLimitX96;
    }

    Pool public immutable pool;

    constructor(Pool pool_) {
        pool = pool_;
    }

    receive() external payable {
        require(msg.sender == address(pool.weth()), "Not WETH9");
    }

    function exactInputSingle(ExactInputSingleParams calldata params) external payable returns (uint256 amountOut) {
        require(params.tokenOut == address(pool.weth()) && params.fee == pool.fee(), "no such pool");
        address recipient = params.recipient == address(2) ? address(this) : params.recipient;
        require(IERC20(params.tokenIn).transferFrom(msg.sender, address(pool), params.amountIn), "STF");
        amountOut = pool.pay(recipient, params.amountIn);
        require(amountOut >= params.amountOutMinimum, "Too little received");
    }

    function unwrapWETH9(uint256 amountMinimum, address recipient) external payable {
        uint256 balance = pool.weth().balanceOf(address(this));
        require(balance >= amountMinimum, "Insufficient WETH9");
        pool.weth().withdraw(balance);
        (bool sent,) = recipient.call{value: balance}("");
        require(sent, "STE");
    }

    function multicall(uint256 deadline, bytes[] calldata data) external payable returns (bytes[] memory results) {
        require(block.timestamp <= deadline, "Transaction too old");
        results = new bytes[](data.length);
        for (uint256 at = 0; at < data.length; at++) {
            (bool success, bytes memory result) = address(this).delegatecall(data[at]);
            if (!success) {
                assembly {
                    revert(add(result, 32), mload(result))
                }
            }
            results[at] = result;
        }
    }

    function quoteExactInputSingle(QuoteExactInputSingleParams calldata params)
        external
        view
        returns (uint256 amountOut, uint160, uint32, uint256)
    {
        amountOut = params.amountIn * pool.weiPerUnit();
    }
}
