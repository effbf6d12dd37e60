package io.naap.clearinghouse.wallet;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/** Reads extended keys (BIP-32) as they are written: base 58 with four bytes of checksum. */
final class Base58 {
  static final int EXTENDED_KEY = 78;
  private static final String DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final int CHECKSUM = 4;
  private static final int LONGEST = 120;

  private Base58() {}

  /**
   * The 78 bytes of an extended key. Takes bytes and not text, because a private one must not
   * become a string.
   *
   * @throws IllegalArgumentException when it is something else
   */
  static byte[] decode(byte[] text) {
    if (text.length > LONGEST) {
      throw new IllegalArgumentException("an extended key is shorter");
    }
    BigInteger value = BigInteger.ZERO;
    for (byte digit : text) {
      int at = DIGITS.indexOf(digit);
      if (at < 0) {
        throw new IllegalArgumentException("not base 58");
      }
      value = value.multiply(BigInteger.valueOf(58)).add(BigInteger.valueOf(at));
    }
    byte[] minimal = value.toByteArray();
    byte[] all = minimal[0] == 0 ? Arrays.copyOfRange(minimal, 1, minimal.length) : minimal;
    if (all.length != EXTENDED_KEY + CHECKSUM
        || !Arrays.equals(
            Arrays.copyOf(sha256(sha256(Arrays.copyOf(all, EXTENDED_KEY))), CHECKSUM),
            Arrays.copyOfRange(all, EXTENDED_KEY, EXTENDED_KEY + CHECKSUM))) {
      throw new IllegalArgumentException("not an extended key: its checksum is wrong");
    }
    return Arrays.copyOf(all, EXTENDED_KEY);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
