package io.naap.metering.job;

import java.time.Duration;

/** Something done now and then. */
public interface Job {
  /** Names it in logs and metrics. */
  String name();

  /** From one end to the next start. */
  Duration every();

  /** Does what there is to do; doing it again changes nothing. */
  void run();
}
