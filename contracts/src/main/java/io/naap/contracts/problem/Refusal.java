package io.naap.contracts.problem;

import java.util.List;
import java.util.Optional;

/**
 * A refusal that is sent as an error response. Domain code returns sealed results; resources turn
 * those that are refusals into this record, and throw it with {@link #raise()} where a reactive
 * chain has to end early.
 *
 * @param code as in {@link Problem#code()}
 * @param retryAfterSeconds sent as {@code Retry-After}
 */
public record Refusal(
    int status,
    String code,
    String detail,
    List<String> violatedPolicies,
    Optional<Long> retryAfterSeconds) {
  /** The code of a refusal that the caller can resolve by signing in again (RFC 9470). */
  public static final String OLD_SIGN_IN = "insufficient_user_authentication";

  public static Refusal of(int status, String code, String detail) {
    return new Refusal(status, code, detail, null, Optional.empty());
  }

  public static Refusal invalid(String detail) {
    return of(422, "invalid", detail);
  }

  /** Refuses with 404; used for another tenant's object too. */
  public static Refusal notFound(String what) {
    return of(404, "not_found", "There is no such " + what + ".");
  }

  public static Refusal conflict(String code, String detail) {
    return of(409, code, detail);
  }

  /** Refuses with 503, because the platform lacks something and not because of the caller. */
  public static Refusal unavailable(String detail) {
    return new Refusal(503, "unavailable", detail, null, Optional.of(1L));
  }

  public RefusedException raise() {
    return new RefusedException(this);
  }

  /** Carries a refusal out of a reactive chain; has no stack trace and is never logged. */
  public static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Refusal refusal;

    private RefusedException(Refusal refusal) {
      super(refusal.code(), null, false, false);
      this.refusal = refusal;
    }

    public Refusal refusal() {
      return refusal;
    }
  }
}
