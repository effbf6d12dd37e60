package io.naap.contracts.page;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.InvalidInput;
import java.util.Optional;

/**
 * Which page of a list a client asks for.
 *
 * @param size the most entries of the page
 * @param after the cursor of the page before; absent for the first page
 */
public record PageRequest(int size, Optional<Cursor> after) {
  /** The default and the greatest size of a list's pages. */
  public record Sizes(int usual, int most) {}

  /** The sizes of most lists. */
  public static final Sizes USUAL = new Sizes(50, 500);

  /**
   * Parses the query parameters {@code limit} and {@code cursor}.
   *
   * @param limit null when absent
   * @param cursor null when absent
   * @param values how many values the cursors of this list have
   * @throws InvalidInput when the limit is out of bounds or the cursor is not one of this list
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
   * The id that the previous page ended with, in a list ordered by id.
   *
   * @throws InvalidInput when the cursor holds no id of that kind
   */
  public Optional<String> afterId(IdKind kind) {
    return after.map(cursor -> cursor.text(0, kind::matches));
  }

  /**
   * The number of entries to read: one more than the page holds, to know whether there is a next
   * page.
   */
  public int oneMore() {
    return size + 1;
  }
}
