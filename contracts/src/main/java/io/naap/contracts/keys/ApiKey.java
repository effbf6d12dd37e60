package io.naap.contracts.keys;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * An API key in its one spelling: {@code naap_<live|test>_<id><secret><checksum>}, where the id is
 * 12, the secret 32 and the checksum 6 characters of base 62 ({@code 0-9A-Za-z}). The checksum is
 * the CRC-32 (IEEE) of everything before it, most significant digit first, so that a mistyped key
 * is refused before any look-up.
 *
 * @param mode {@code live} or {@code test}
 * @param id public, names the key in logs and lists
 * @param secret about 190 bits of randomness; never logged or stored
 */
public record ApiKey(String mode, String id, String secret) {
  public static final int ID_LENGTH = 12;
  public static final int SECRET_LENGTH = 32;
  private static final int CHECKSUM_LENGTH = 6;
  private static final int PREFIX_LENGTH = "naap_live_".length();
  public static final int LENGTH = PREFIX_LENGTH + ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH;
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  /**
   * Generates a key.
   *
   * @param random must be cryptographically strong
   */
  public static ApiKey generate(String mode, RandomGenerator random) {
    return new ApiKey(mode, digits(random, ID_LENGTH), digits(random, SECRET_LENGTH));
  }

  /** Parses a key without any I/O; empty when its form or checksum is wrong. */
  public static Optional<ApiKey> parse(String text) {
    if (text == null
        || text.length() != LENGTH
        || !(text.startsWith("naap_live_") || text.startsWith("naap_test_"))) {
      return Optional.empty();
    }
    for (int at = PREFIX_LENGTH; at < LENGTH; at++) {
      if (!isDigit(text.charAt(at))) {
        return Optional.empty();
      }
    }
    int checked = LENGTH - CHECKSUM_LENGTH;
    if (!checksum(text.substring(0, checked)).equals(text.substring(checked))) {
      return Optional.empty();
    }
    int secretAt = PREFIX_LENGTH + ID_LENGTH;
    return Optional.of(
        new ApiKey(
            text.substring(5, 9),
            text.substring(PREFIX_LENGTH, secretAt),
            text.substring(secretAt, checked)));
  }

  /** The whole key, which is shown to its owner once. */
  public String reveal() {
    String checked = "naap_" + mode + "_" + id + secret;
    return checked + checksum(checked);
  }

  private static String checksum(String checked) {
    CRC32 crc = new CRC32();
    crc.update(checked.getBytes(StandardCharsets.US_ASCII));
    long rest = crc.getValue();
    char[] digits = new char[CHECKSUM_LENGTH];
    for (int at = CHECKSUM_LENGTH - 1; at >= 0; at--) {
      digits[at] = DIGITS.charAt((int) (rest % 62));
      rest /= 62;
    }
    return new String(digits);
  }

  private static String digits(RandomGenerator random, int length) {
    StringBuilder digits = new StringBuilder(length);
    for (int at = 0; at < length; at++) {
      digits.append(DIGITS.charAt(random.nextInt(62)));
    }
    return digits.toString();
  }

  private static boolean isDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  @Override
  public String toString() {
    return "naap_" + mode + "_" + id + "[secret]";
  }
}
