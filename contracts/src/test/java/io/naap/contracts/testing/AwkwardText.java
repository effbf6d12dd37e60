package io.naap.contracts.testing;

import java.util.random.RandomGenerator;

/**
 * Generates random texts from troublesome parts: NUL, escapes, control characters, unpaired
 * surrogates.
 */
public final class AwkwardText {
  private static final String[] PARTS = {
    "a",
    "Z",
    "0",
    " ",
    "/",
    "-",
    "_",
    ":",
    "\\",
    "\\u0000",
    "\\\\u0000",
    "\"",
    "'",
    "\0",
    "\t",
    "\n",
    "\r",
    "\u0001",
    "\u001f",
    "\u007f",
    "\u0085",
    "\u00a0",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\ufffe",
    "\uffff",
    "\ud800",
    "\udc00",
    "\ud83c\udfa8",
    "\u00e9",
    "\u00df",
    "\u4e2d",
    "%00",
    "&#0;",
    "{}",
    "[",
    "null",
    "\\N",
    "\\.",
    ",",
    ";",
    "=",
    "$1",
    "\u0301"
  };

  private AwkwardText() {}

  /**
   * Generates a text.
   *
   * @param mostParts the most parts; at least one is used
   */
  public static String of(RandomGenerator random, int mostParts) {
    StringBuilder text = new StringBuilder();
    for (int part = random.nextInt(mostParts); part >= 0; part--) {
      text.append(PARTS[random.nextInt(PARTS.length)]);
    }
    return text.toString();
  }
}
