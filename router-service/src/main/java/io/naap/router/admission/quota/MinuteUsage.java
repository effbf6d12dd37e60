package io.naap.router.admission.quota;

import java.util.ArrayList;
import java.util.List;

/** How much was used in which second and is not reported to Redis yet. */
final class MinuteUsage {
  /** Seconds that are kept apart; an older one is joined to the next. */
  private static final int MOST = 64;

  private final long[] seconds = new long[MOST];
  private final long[] amounts = new long[MOST];
  private int size;

  /** What was used in one second. */
  record Second(long second, long amount) {}

  void add(long amount, long second) {
    if (amount <= 0) {
      return;
    }
    if (size > 0 && seconds[size - 1] >= second) {
      amounts[size - 1] += amount;
      return;
    }
    if (size == MOST) {
      // Counted as used later than it was, so the minute never counts too little.
      amounts[1] += amounts[0];
      System.arraycopy(seconds, 1, seconds, 0, size - 1);
      System.arraycopy(amounts, 1, amounts, 0, size - 1);
      size--;
    }
    seconds[size] = second;
    amounts[size] = amount;
    size++;
  }

  /** As {@code ageInSeconds:amount,...}. */
  String report(long now) {
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < size; at++) {
      if (at > 0) {
        text.append(',');
      }
      text.append(Math.max(0, now - seconds[at])).append(':').append(amounts[at]);
    }
    return text.toString();
  }

  List<Second> copy() {
    if (size == 0) {
      return List.of();
    }
    List<Second> copy = new ArrayList<>(size);
    for (int at = 0; at < size; at++) {
      copy.add(new Second(seconds[at], amounts[at]));
    }
    return copy;
  }

  /** Puts older usage, of a report that Redis did not get, before what was used since. */
  void restore(List<Second> older) {
    List<Second> newer = copy();
    clear();
    older.forEach(one -> add(one.amount(), one.second()));
    newer.forEach(one -> add(one.amount(), one.second()));
  }

  void clear() {
    size = 0;
  }
}
