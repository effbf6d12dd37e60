package io.naap.auth.grant;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.session.RefreshTokens;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Claims;
import io.naap.contracts.identity.Principals;
import io.naap.contracts.identity.Subject;
import io.naap.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;

/**
 * Introspects and revokes tokens (RFC 7662, RFC 7009). A token that is invalid for any reason is
 * reported as not active.
 */
@ApplicationScoped
public class Introspection {
  private static final State NOT_ACTIVE = new State(false, null, null, null, null);

  private final Principals principals;
  private final RefreshTokens refreshTokens;
  private final Transactions transactions;
  private final Refusals refusals;
  private final Audit audit;

  Introspection(
      Principals principals,
      RefreshTokens refreshTokens,
      Transactions transactions,
      Refusals refusals,
      Audit audit) {
    this.principals = principals;
    this.refreshTokens = refreshTokens;
    this.transactions = transactions;
    this.refusals = refusals;
    this.audit = audit;
  }

  /** The state of a token; all other fields are absent when it is not active. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record State(
      boolean active,
      String tokenType,
      @JsonUnwrapped Holder holder,
      @JsonUnwrapped Issue issue,
      String jti) {
    /** Whose token it is: the subject, their tenant and roles in it. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Holder(String sub, String tid, List<String> roles) {}

    /** Who issued it for whom, when, and until when it is valid, in seconds since 1970. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Issue(String iss, String aud, Long iat, Long exp) {}
  }

  /**
   * The state of a token.
   *
   * @param tenantId the only tenant whose tokens the client may see; absent for services, which see
   *     all
   */
  State of(String token, Optional<String> tenantId) {
    return access(token)
        .or(() -> refresh(token))
        .filter(state -> tenantId.map(own -> own.equals(state.holder().tid())).orElse(true))
        .orElse(NOT_ACTIVE);
  }

  private Optional<State> access(String token) {
    return principals.believe(token).map(Introspection::state);
  }

  private static State state(JwtClaims claims) {
    try {
      return new State(
          true,
          "access_token",
          new State.Holder(
              claims.getSubject(),
              claims.getStringClaimValue(Claims.TENANT),
              claims.hasClaim(Claims.ROLES) ? claims.getStringListClaimValue(Claims.ROLES) : null),
          new State.Issue(
              claims.getIssuer(),
              claims.getAudience().getFirst(),
              claims.getIssuedAt().getValue(),
              claims.getExpirationTime().getValue()),
          claims.getJwtId());
    } catch (MalformedClaimException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Optional<State> refresh(String token) {
    return refreshTokens
        .state(token)
        .map(
            living ->
                new State(
                    true,
                    "refresh_token",
                    new State.Holder(living.userId(), living.tenantId(), null),
                    new State.Issue(
                        null,
                        null,
                        living.issuedAt().getEpochSecond(),
                        living.expiresAt().getEpochSecond()),
                    null));
  }

  /** Revokes an access token (RFC 7009); does nothing when the text is not a valid one. */
  void revokeAccessToken(String token, Origin origin) {
    Optional<State> state = access(token);
    state.ifPresent(
        living ->
            transactions.run(
                tx -> {
                  refusals.refuseAll(tx, Subject.token(living.jti()));
                  audit.record(
                      tx,
                      new Action(
                          living.holder().sub(),
                          living.holder().tid(),
                          "token.revoked",
                          living.jti(),
                          Map.of(
                              "expires_at", Instant.ofEpochSecond(living.issue().exp()).toString()),
                          origin));
                  return null;
                }));
  }
}
