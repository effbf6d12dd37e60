package io.naap.contracts.json;

/**
 * How much a JSON text may ask of whoever parses it.
 *
 * @param depth of arrays and objects in each other
 * @param values names and values together
 * @param nameBytes of one name
 * @param numberLength of one number, in characters
 * @param stringBytes of one text
 */
public record JsonLimits(int depth, int values, int nameBytes, int numberLength, int stringBytes) {
  public JsonLimits {
    if (depth < 1 || values < 1 || nameBytes < 1 || numberLength < 1 || stringBytes < 1) {
      throw new IllegalArgumentException("limits of JSON must be positive");
    }
  }
}
