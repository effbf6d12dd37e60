package io.naap.router.live;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;

/**
 * What one stretch of a stream is billed: the time it ran, up to a limit.
 *
 * @param ran the units of all the time it ran
 * @param billed none when it did not run
 */
record StretchBill(int status, JobOutcome outcome, Units ran, Units billed) {
  /**
   * @param mostMillis that may be billed: what was held for the stretch, and a little more for a
   *     late heartbeat
   */
  static StretchBill of(LiveSessions.Step.Stretch stretch, long mostMillis) {
    long ran = Math.max(0, stretch.untilMillis() - stretch.sinceMillis());
    long billed = Math.min(ran, mostMillis);
    return billed == 0
        ? new StretchBill(200, JobOutcome.FAILED, units(ran, stretch.sequence()), Units.NONE)
        : new StretchBill(
            200,
            JobOutcome.SUCCEEDED,
            units(ran, stretch.sequence()),
            units(billed, stretch.sequence()));
  }

  /** A stretch that no orchestrator ran. */
  static StretchBill untaken() {
    return failed(503);
  }

  /** A stream that never began. */
  static StretchBill failed(int status) {
    return new StretchBill(status, JobOutcome.FAILED, Units.NONE, Units.NONE);
  }

  /** True when more of the stretch ran than is billed. */
  boolean isCut() {
    return !billed.isNone() && !billed.equals(ran);
  }

  /** A stream is one request, counted with its first stretch. */
  static Units units(long millis, int sequence) {
    Units units = Units.of(Unit.MILLISECONDS, millis);
    return sequence == 0 ? units.with(Unit.REQUESTS, 1) : units;
  }
}
