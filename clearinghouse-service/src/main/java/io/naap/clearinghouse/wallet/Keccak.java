package io.naap.clearinghouse.wallet;

import org.bouncycastle.crypto.digests.KeccakDigest;

/** Ethereum's hash. */
public final class Keccak {
  private static final int BITS = 256;

  private Keccak() {}

  public static byte[] hash(byte[]... parts) {
    KeccakDigest digest = new KeccakDigest(BITS);
    for (byte[] part : parts) {
      digest.update(part, 0, part.length);
    }
    byte[] hash = new byte[BITS / Byte.SIZE];
    digest.doFinal(hash, 0);
    return hash;
  }
}
