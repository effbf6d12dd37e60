package io.naap.router.admission;

import java.util.List;
import java.util.OptionalLong;

/** What admission decided; all of it or nothing of it was taken. */
public sealed interface Outcome {
  /** Every limit the key has. */
  LimitStatus standing();

  /** The job may run. */
  record Admitted(Hold hold, LimitStatus standing) implements Outcome {}

  /** The job may not run; nothing was taken. */
  record Refused(
      Reason reason,
      OptionalLong retryAfterSeconds,
      List<String> violatedPolicies,
      LimitStatus standing)
      implements Outcome {
    public Refused {
      violatedPolicies = List.copyOf(violatedPolicies);
    }
  }

  /** Why not. */
  enum Reason {
    LIMIT,
    NO_MONEY,
    UNAVAILABLE
  }
}
