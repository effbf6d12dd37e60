package io.naap.router.admission.quota;

import java.util.ArrayList;
import java.util.List;

/**
 * What was used of a lease and is not reported to Redis yet; of an amount per minute, also in which
 * second.
 */
final class UnreportedUsage {
  /** Seconds that are kept apart; an older one is joined to the next. */
  private static final int MOST = 64;

  private final long[] seconds;
  private final long[] amounts;
  private int size;
  private long total;

  UnreportedUsage(boolean perMinute) {
    seconds = new long[perMinute ? MOST : 0];
    amounts = new long[perMinute ? MOST : 0];
  }

  /** What was used in one second. */
  record Second(long second, long amount) {}

  /** A report's usage, should Redis not get the report. */
  record Reported(long total, List<Second> seconds) {}

  long total() {
    return total;
  }

  void add(long amount, long second) {
    total += amount;
    stamp(amount, second);
  }

  private void stamp(long amount, long second) {
    if (seconds.length == 0 || amount <= 0) {
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

  /** An amount; of an amount per minute, {@code ageInSeconds:amount,...}. */
  String text(long now) {
    if (seconds.length == 0) {
      return Long.toString(total);
    }
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < size; at++) {
      if (at > 0) {
        text.append(',');
      }
      text.append(Math.max(0, now - seconds[at])).append(':').append(amounts[at]);
    }
    return text.toString();
  }

  private List<Second> copy() {
    if (size == 0) {
      return List.of();
    }
    List<Second> copy = new ArrayList<>(size);
    for (int at = 0; at < size; at++) {
      copy.add(new Second(seconds[at], amounts[at]));
    }
    return copy;
  }

  /** It is in a report: what is used from now on goes into the next one. */
  Reported report() {
    Reported reported = new Reported(total, copy());
    clear();
    return reported;
  }

  /** Redis did not get a report: its usage goes before what was used since. */
  void restore(Reported reported) {
    total += reported.total();
    if (!reported.seconds().isEmpty()) {
      List<Second> newer = copy();
      size = 0;
      reported.seconds().forEach(one -> stamp(one.amount(), one.second()));
      newer.forEach(one -> stamp(one.amount(), one.second()));
    }
  }

  void clear() {
    total = 0;
    size = 0;
  }
}
