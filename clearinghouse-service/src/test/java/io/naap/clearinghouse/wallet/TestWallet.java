package io.naap.clearinghouse.wallet;

import java.util.HexFormat;

/** The first account of every Ethereum test tool; its key is public. */
public final class TestWallet {
  public static final String KEY =
      "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

  private TestWallet() {}

  public static Wallet hardhat0() {
    return Wallet.of(HexFormat.of().parseHex(KEY));
  }
}
