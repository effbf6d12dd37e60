package io.naap.router.proxy;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import java.util.Optional;

/**
 * How a job ended.
 *
 * @param status that the client is answered with
 * @param units that are billed
 * @param refusal the code of the refusal, when the client gets one
 */
record JobEnd(int status, JobOutcome outcome, Units units, Optional<String> refusal) {
  /** The status of a job whose client left, as nginx counts it. */
  static final int CLIENT_LEFT = 499;

  static JobEnd succeeded(int status, Units units) {
    return new JobEnd(status, JobOutcome.SUCCEEDED, units, Optional.empty());
  }

  /** The answer is not whole; what there is of it is billed. */
  static JobEnd partial(int status, Units units) {
    return new JobEnd(status, JobOutcome.PARTIAL, units, Optional.empty());
  }

  /** The client left; what was used is billed. */
  static JobEnd abandoned(Units units) {
    return partial(CLIENT_LEFT, units);
  }

  /** The answer broke off: a job of which nothing can be billed has failed. */
  static JobEnd brokenOff(int status, Units units) {
    return units.isNone()
        ? new JobEnd(status, JobOutcome.FAILED, units, Optional.empty())
        : partial(status, units);
  }

  static JobEnd failed(Refusal refusal) {
    return new JobEnd(refusal.status(), JobOutcome.FAILED, Units.NONE, Optional.of(refusal.code()));
  }

  boolean isSuccess() {
    return outcome == JobOutcome.SUCCEEDED;
  }

  /** The same as it is recorded when the client has left: nobody was answered. */
  JobEnd forClientThatLeft() {
    return new JobEnd(
        CLIENT_LEFT, units.isNone() ? JobOutcome.FAILED : JobOutcome.PARTIAL, units, refusal);
  }
}
