package io.naap.keys.apikey;

import java.util.List;

/** Bounds of what people write into a key. */
final class Texts {
  private Texts() {}

  /** A list of short texts; absent is empty. */
  static List<String> list(String name, List<String> texts, int maxSize, int maxLength) {
    if (texts == null) {
      return List.of();
    }
    if (texts.size() > maxSize) {
      throw new IllegalArgumentException(name + " may have at most " + maxSize + " entries");
    }
    for (String text : texts) {
      check(name, text, maxLength);
    }
    if (texts.stream().distinct().count() != texts.size()) {
      throw new IllegalArgumentException(name + " must not repeat an entry");
    }
    return List.copyOf(texts);
  }

  /** A text that is there, of bounded length and without control characters. */
  static String check(String name, String text, int maxLength) {
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
