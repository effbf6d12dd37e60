package io.naap.router.admission;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What admission decided; all of it or nothing of it was taken. */
public sealed interface Outcome {
  /** Every limit the key has. */
  List<PolicyState> policies();

  /**
   * The job may run.
   *
   * @param fundingId where the money comes from; absent for a tenant that is not prepaid
   */
  record Admitted(String hold, Optional<String> fundingId, List<PolicyState> policies)
      implements Outcome {
    public Admitted {
      policies = List.copyOf(policies);
    }
  }

  /** The job may not run; nothing was taken. */
  record Refused(
      Reason reason,
      OptionalLong retryAfterSeconds,
      List<String> violatedPolicies,
      List<PolicyState> policies)
      implements Outcome {
    public Refused {
      violatedPolicies = List.copyOf(violatedPolicies);
      policies = List.copyOf(policies);
    }
  }

  /** Why not. */
  enum Reason {
    LIMIT,
    NO_MONEY,
    UNAVAILABLE
  }
}
