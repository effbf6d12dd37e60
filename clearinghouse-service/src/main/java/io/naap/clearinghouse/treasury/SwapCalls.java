package io.naap.clearinghouse.treasury;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.wallet.Address;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HexFormat;

/** The calls of a swap, as Uniswap's SwapRouter02 and QuoterV2 take them. */
final class SwapCalls {
  private static final String EXACT_INPUT_SINGLE =
      Abi.selector("exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))");
  private static final String UNWRAP = Abi.selector("unwrapWETH9(uint256,address)");
  private static final String MULTICALL = Abi.selector("multicall(uint256,bytes[])");
  private static final String QUOTE =
      Abi.selector("quoteExactInputSingle((address,address,uint256,uint24,uint160))");
  private static final String APPROVE = Abi.selector("approve(address,uint256)");
  private static final String ALLOWANCE = Abi.selector("allowance(address,address)");
  private static final String BALANCE_OF = Abi.selector("balanceOf(address)");
  private static final String TRANSFER = Abi.selector("transfer(address,uint256)");

  /** SwapRouter02's name for itself: what it buys it keeps until it is unwrapped. */
  private static final Address ROUTER_ITSELF = Address.parse("0x" + "0".repeat(39) + "2");

  private SwapCalls() {}

  /**
   * USDC for ether, all or nothing.
   *
   * @param least ether that the wallet must get
   * @param deadline after which nothing is done
   */
  static ByteString swap(
      Address usdc,
      Address weth,
      int poolFee,
      Address wallet,
      BigInteger amount,
      BigInteger least,
      Instant deadline) {
    String buy =
        EXACT_INPUT_SINGLE.substring(2)
            + Abi.word(usdc)
            + Abi.word(weth)
            + word(poolFee)
            + Abi.word(ROUTER_ITSELF)
            + Abi.word(amount)
            + Abi.word(least)
            + word(0);
    String unwrap = UNWRAP.substring(2) + Abi.word(least) + Abi.word(wallet);
    int secondAt = 2 * 32 + 32 + padded(buy).length() / 2;
    return bytes(
        MULTICALL.substring(2)
            + word(deadline.getEpochSecond())
            + word(2 * 32)
            + word(2)
            + word(2 * 32)
            + word(secondAt)
            + word(buy.length() / 2)
            + padded(buy)
            + word(unwrap.length() / 2)
            + padded(unwrap));
  }

  static String quote(Address usdc, Address weth, int poolFee, BigInteger amount) {
    return QUOTE + Abi.word(usdc) + Abi.word(weth) + Abi.word(amount) + word(poolFee) + word(0);
  }

  static ByteString approve(Address router, BigInteger amount) {
    return bytes(APPROVE.substring(2) + Abi.word(router) + Abi.word(amount));
  }

  static ByteString transfer(Address to, BigInteger amount) {
    return bytes(TRANSFER.substring(2) + Abi.word(to) + Abi.word(amount));
  }

  static String allowance(Address owner, Address router) {
    return ALLOWANCE + Abi.word(owner) + Abi.word(router);
  }

  static String balanceOf(Address owner) {
    return BALANCE_OF + Abi.word(owner);
  }

  private static String word(long value) {
    return Abi.word(BigInteger.valueOf(value));
  }

  private static String padded(String hex) {
    return hex + "0".repeat((64 - hex.length() % 64) % 64);
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }
}
