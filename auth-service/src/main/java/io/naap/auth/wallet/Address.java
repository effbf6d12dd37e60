package io.naap.auth.wallet;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.web3j.crypto.Hash;

/** Ethereum addresses in EIP-55 form. */
public final class Address {
  private static final Pattern FORM = Pattern.compile("0x[0-9a-fA-F]{40}");

  private static final String RESERVED = "0x" + "0".repeat(36);

  private Address() {}

  /** True when an address has the mixed case of its EIP-55 checksum. */
  public static boolean isChecksummed(String address) {
    return FORM.matcher(address).matches() && checksummed(address).equals(address);
  }

  /** True for addresses up to 0xffff: the zero address and those reserved for precompiles. */
  public static boolean isReserved(String address) {
    return address.startsWith(RESERVED);
  }

  /** Converts an address to its EIP-55 form. */
  public static String checksummed(String address) {
    String digits = address.substring(2).toLowerCase(Locale.ROOT);
    String hash = HexFormat.of().formatHex(Hash.sha3(digits.getBytes(StandardCharsets.US_ASCII)));
    StringBuilder form = new StringBuilder("0x");
    for (int at = 0; at < digits.length(); at++) {
      char digit = digits.charAt(at);
      form.append(Character.digit(hash.charAt(at), 16) >= 8 ? Character.toUpperCase(digit) : digit);
    }
    return form.toString();
  }

  public static String of(byte[] twenty) {
    return checksummed("0x" + HexFormat.of().formatHex(twenty));
  }
}
