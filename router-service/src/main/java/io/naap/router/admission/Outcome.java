package io.naap.router.admission;

import io.naap.router.admission.quota.Hold;
import io.naap.router.limit.LimitStatus;
import java.util.List;
import java.util.OptionalLong;

/** What admission decided of a job: all that it needs was taken, or nothing. */
public sealed interface Outcome {
  /** Where every limit of the key stands. */
  LimitStatus status();

  /** The job may run. */
  record Admitted(Hold hold, LimitStatus status) implements Outcome {}

  /** The job may not run; nothing was taken. */
  record Refused(
      Reason reason,
      OptionalLong retryAfterSeconds,
      List<String> violatedPolicies,
      LimitStatus status)
      implements Outcome {
    public Refused {
      violatedPolicies = List.copyOf(violatedPolicies);
    }

    /** It could not be decided in time whether the job may run. */
    static Refused unavailable() {
      return new Refused(Reason.UNAVAILABLE, OptionalLong.of(1), List.of(), LimitStatus.NONE);
    }
  }

  /** Why a job may not run. */
  enum Reason {
    LIMIT,
    NO_MONEY,
    UNAVAILABLE
  }
}
