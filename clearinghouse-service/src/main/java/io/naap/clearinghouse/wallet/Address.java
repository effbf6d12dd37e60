package io.naap.clearinghouse.wallet;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** An Ethereum address. */
public record Address(ByteString bytes) {
  public static final int LENGTH = 20;

  public Address {
    if (bytes.size() != LENGTH) {
      throw new IllegalArgumentException("an address has 20 bytes");
    }
  }

  /**
   * Reads {@code 0x} and 40 hex digits of either case.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static Address parse(String hex) {
    if (!hex.matches("0x[0-9a-fA-F]{40}")) {
      throw new IllegalArgumentException("an address is 0x and 40 hex digits: " + hex);
    }
    return new Address(ByteString.copyFrom(HexFormat.of().parseHex(hex.substring(2))));
  }

  /** Of an uncompressed public key. */
  public static Address ofPublicKey(byte[] uncompressed) {
    byte[] hash = Keccak.hash(java.util.Arrays.copyOfRange(uncompressed, 1, uncompressed.length));
    return new Address(ByteString.copyFrom(hash, hash.length - LENGTH, LENGTH));
  }

  public String lowerCase() {
    return "0x" + HexFormat.of().formatHex(bytes.toByteArray());
  }

  /** With the checksum of EIP-55. */
  @Override
  public String toString() {
    String hex = lowerCase().substring(2);
    byte[] hash = Keccak.hash(hex.getBytes(StandardCharsets.US_ASCII));
    StringBuilder mixed = new StringBuilder("0x");
    for (int at = 0; at < hex.length(); at++) {
      int nibble = (at % 2 == 0 ? hash[at / 2] >> 4 : hash[at / 2]) & 0xf;
      String digit = hex.substring(at, at + 1);
      mixed.append(nibble >= 8 ? digit.toUpperCase(Locale.ROOT) : digit);
    }
    return mixed.toString();
  }
}
