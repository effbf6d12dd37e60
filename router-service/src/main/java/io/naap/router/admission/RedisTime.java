package io.naap.router.admission;

/** The store's clock, as it was told last and went on since by this machine's own. */
final class RedisTime {
  private static final long MILLI = 1_000_000L;

  /** Of the store when it was told, in milliseconds, and of this machine then. */
  private record Told(long millis, long nanos) {}

  private volatile Told told = new Told(0, 0);

  /**
   * The day (UTC) that Redis was in when it answered last.
   *
   * @param date as {@code 2026-01-31}
   * @param endsNanos by this process' clock; early by as long as the call took, never late
   */
  private record Day(String date, long endsNanos) {}

  private volatile Day day = new Day("", 0);

  void told(long millis, long nanos) {
    told = new Told(millis, nanos);
  }

  /**
   * @param askedNanos when the call began: the rest of the day counts from then, so that the old
   *     day is never taken for the new one
   */
  void day(String date, long tilDayMillis, long askedNanos) {
    day = new Day(date, askedNanos + tilDayMillis * MILLI);
  }

  /** In milliseconds, when it was told last. */
  long millis() {
    return told.millis;
  }

  long second(long nanos) {
    Told last = told;
    return (last.millis + (nanos - last.nanos) / MILLI) / 1_000;
  }

  /**
   * True when a window is the day or month that it is now. False when that day has ended by this
   * process' clock: then Redis must say which day it is.
   *
   * @param window as {@code 2026-01-31} or {@code 2026-01}
   */
  boolean isCurrent(String window, long nanos) {
    Day now = day;
    return !window.isEmpty() && now.date.startsWith(window) && nanos - now.endsNanos < 0;
  }
}
