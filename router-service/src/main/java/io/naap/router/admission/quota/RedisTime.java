package io.naap.router.admission.quota;

/** The clock of Redis: as it was told last, moved on by this process's own clock since. */
public final class RedisTime {
  private static final long MILLI = 1_000_000L;

  /**
   * @param millis of Redis when it was told
   * @param nanos of this process then
   */
  private record Told(long millis, long nanos) {}

  private volatile Told told = new Told(0, 0);

  /**
   * The day (UTC) that Redis was in when it answered last.
   *
   * @param date as {@code 2026-01-31}
   * @param endsNanos by this process's clock; early by as long as the call took, never late
   */
  private record Day(String date, long endsNanos) {}

  private volatile Day day = new Day("", 0);

  /** Redis has told its clock. */
  public void told(long millis, long nanos) {
    told = new Told(millis, nanos);
  }

  /**
   * Redis has told its day.
   *
   * @param tilDayMillis until the day ends
   * @param askedNanos when the call began: the rest of the day counts from then, so that the old
   *     day is never taken for the new one
   */
  public void day(String date, long tilDayMillis, long askedNanos) {
    day = new Day(date, askedNanos + tilDayMillis * MILLI);
  }

  /** In milliseconds, when it was told last. */
  public long millis() {
    return told.millis;
  }

  public long second(long nanos) {
    Told last = told;
    return (last.millis + (nanos - last.nanos) / MILLI) / 1_000;
  }

  /**
   * True when a window is the current day or month. False once that day has ended by this process's
   * clock: then Redis must say which day it is.
   *
   * @param window as {@code 2026-01-31} or {@code 2026-01}
   */
  boolean isCurrent(String window, long nanos) {
    Day now = day;
    return !window.isEmpty() && now.date.startsWith(window) && nanos - now.endsNanos < 0;
  }
}
