package io.naap.deploy.e2e;

import io.naap.deploy.local.Wallet;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Wallets nobody has used. */
final class Wallets {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Wallets() {}

  static Wallet random() {
    byte[] key = new byte[32];
    RANDOM.nextBytes(key);
    return Wallet.of(HexFormat.of().formatHex(key));
  }
}
