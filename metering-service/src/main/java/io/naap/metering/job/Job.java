package io.naap.metering.job;

import java.time.Duration;

/** A task that runs periodically. */
public interface Job {
  /** The name in logs, metrics and the lock. */
  String name();

  /** The time from the end of one run to the start of the next. */
  Duration every();

  /** Does the work that is due. A second run with nothing due changes nothing. */
  void run();
}
