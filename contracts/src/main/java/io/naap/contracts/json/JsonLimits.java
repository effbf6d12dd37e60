package io.naap.contracts.json;

/**
 * Limits on a JSON text, checked before it is parsed.
 *
 * @param depth how deep arrays and objects may be nested
 * @param values the most names and values together
 * @param nameBytes the most bytes of one name
 * @param numberLength the most characters of one number
 * @param stringBytes the most bytes of one string
 */
public record JsonLimits(int depth, int values, int nameBytes, int numberLength, int stringBytes) {
  public JsonLimits {
    if (depth < 1 || values < 1 || nameBytes < 1 || numberLength < 1 || stringBytes < 1) {
      throw new IllegalArgumentException("limits of JSON must be positive");
    }
  }
}
