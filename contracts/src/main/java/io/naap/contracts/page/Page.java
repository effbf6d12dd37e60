package io.naap.contracts.page;

import java.util.List;
import java.util.function.Function;

/**
 * One page of a list, as JSON {@code {"data": [...], "next_cursor": "..."}}.
 *
 * @param nextCursor the {@code cursor} parameter of the next request; null on the last page
 */
public record Page<T>(List<T> data, String nextCursor) {
  public Page {
    data = List.copyOf(data);
  }

  /** A page that holds a whole list. */
  public static <T> Page<T> whole(List<T> data) {
    return new Page<>(data, null);
  }

  /**
   * Builds a page from entries that were read with {@link PageRequest#oneMore}; the additional
   * entry only tells whether there is a next page.
   *
   * @param found at most {@code size + 1} entries
   * @param position the values of an entry that the list is ordered by
   */
  public static <T> Page<T> of(List<T> found, int size, Function<T, Cursor> position) {
    return found.size() <= size
        ? whole(found)
        : new Page<>(found.subList(0, size), position.apply(found.get(size - 1)).write());
  }

  /** The same page with each entry converted. */
  public <R> Page<R> map(Function<T, R> view) {
    return new Page<>(data.stream().map(view).toList(), nextCursor);
  }
}
