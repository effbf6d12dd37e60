package io.naap.contracts.problem;

import java.util.List;
import java.util.Optional;

/**
 * A refusal as a resource hands it to the HTTP layer. Decisions return sealed outcomes; a resource
 * translates the ones that are refusals into this, and throws it with {@link #raise()} where a
 * reactive chain must end early.
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
  /** The code of a refusal that a newer sign-in heals (RFC 9470). */
  public static final String OLD_SIGN_IN = "insufficient_user_authentication";

  public static Refusal of(int status, String code, String detail) {
    return new Refusal(status, code, detail, null, Optional.empty());
  }

  public static Refusal invalid(String detail) {
    return of(422, "invalid", detail);
  }

  /** Also the answer for another tenant's object. */
  public static Refusal notFound(String what) {
    return of(404, "not_found", "There is no such " + what + ".");
  }

  public static Refusal conflict(String code, String detail) {
    return of(409, code, detail);
  }

  /** The platform itself is short of something; the caller did nothing wrong. */
  public static Refusal unavailable(String detail) {
    return new Refusal(503, "unavailable", detail, null, Optional.of(1L));
  }

  public RefusedException raise() {
    return new RefusedException(this);
  }

  /** Carries a refusal out of a reactive chain; never logged. */
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
