package io.naap.clearinghouse.chain;

import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The parts of the contract ABI that calls with fixed-size words need, as hexadecimal text. */
public final class Abi {
  private static final int DIGITS = 64;

  private Abi() {}

  /** {@code 0x} and the four bytes of a function, by its signature. */
  public static String selector(String signature) {
    return topic(signature).substring(0, 10);
  }

  /** {@code 0x} and the 32 bytes of an event, by its signature. */
  public static String topic(String signature) {
    return "0x"
        + HexFormat.of().formatHex(Keccak.hash(signature.getBytes(StandardCharsets.US_ASCII)));
  }

  /** A number, which must not be negative, in 32 bytes. */
  public static String word(BigInteger value) {
    String hex = value.toString(16);
    if (value.signum() < 0 || hex.length() > DIGITS) {
      throw new IllegalArgumentException("does not fit a word");
    }
    return "0".repeat(DIGITS - hex.length()) + hex;
  }

  /** An address, in 32 bytes. */
  public static String word(Address address) {
    return "0".repeat(24) + address.lowerCase().substring(2);
  }

  /** The address in the last 20 of 32 bytes, {@code 0x} and 64 digits. */
  public static Address address(String word) {
    return Address.parse("0x" + word.substring(word.length() - 40));
  }

  /** One word of a result or of an event's data. */
  public static BigInteger number(String hex, int index) {
    int from = 2 + index * DIGITS;
    return new BigInteger(hex.substring(from, from + DIGITS), 16);
  }
}
