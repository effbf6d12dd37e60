package io.naap.router.admission;

/** The store's clock, as it was told last and went on since by this machine's own. */
final class StoreTime {
  private static final long MILLI = 1_000_000L;

  /** Of the store when it was told, in milliseconds, and of this machine then. */
  private record Told(long millis, long nanos) {}

  private volatile Told told = new Told(0, 0);
  private volatile long dayEndsNanos;

  void told(long millis, long nanos) {
    told = new Told(millis, nanos);
  }

  void day(long tilDayMillis, long nanos) {
    dayEndsNanos = nanos + tilDayMillis * MILLI;
  }

  /** In milliseconds, when it was told last. */
  long millis() {
    return told.millis;
  }

  long second(long nanos) {
    Told last = told;
    return (last.millis + (nanos - last.nanos) / MILLI) / 1_000;
  }

  boolean isDayOver(long nanos) {
    return nanos - dayEndsNanos >= 0;
  }
}
