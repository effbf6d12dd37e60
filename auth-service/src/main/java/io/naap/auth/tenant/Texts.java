package io.naap.auth.tenant;

/** Bounds of what people write. */
public final class Texts {
  private Texts() {}

  /** A text that is there, of bounded length and without control characters. */
  public static String check(String name, String text, int maxLength) {
    if (text == null || text.isBlank()) {
      throw new IllegalArgumentException(name + " must not be empty");
    }
    if (text.length() > maxLength || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          name + " may have at most " + maxLength + " characters and no control characters");
    }
    return text;
  }
}
