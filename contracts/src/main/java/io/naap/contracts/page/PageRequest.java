package io.naap.contracts.page;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.InvalidInput;
import java.util.Optional;

/**
 * Which page of a list was asked for.
 *
 * @param size the most entries it may have
 * @param after the end of the page before; absent for the first page
 */
public record PageRequest(int size, Optional<Cursor> after) {
  /** How many entries a page of a list has. */
  public record Sizes(int usual, int most) {}

  /** Of most lists. */
  public static final Sizes USUAL = new Sizes(50, 500);

  /**
   * Judges the query parameters {@code limit} and {@code cursor}.
   *
   * @param limit null when absent
   * @param cursor null when absent
   * @param values of which this list's cursors consist
   * @throws InvalidInput when the limit is out of bounds or the cursor is not of such a list
   */
  public static PageRequest of(Sizes sizes, Integer limit, String cursor, int values) {
    int size = limit == null ? sizes.usual : limit;
    if (size < 1 || size > sizes.most) {
      throw new InvalidInput("limit must be between 1 and " + sizes.most);
    }
    return new PageRequest(
        size, Optional.ofNullable(cursor).map(given -> Cursor.read(given, values)));
  }

  /**
   * The id that the page before ended with, of a list that is ordered by id.
   *
   * @throws InvalidInput when it is an id of another kind
   */
  public Optional<String> afterId(IdKind kind) {
    return after.map(cursor -> cursor.text(0, kind::matches));
  }

  /** What to read, so that it is known whether there is a next page. */
  public int oneMore() {
    return size + 1;
  }
}
