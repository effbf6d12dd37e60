package io.naap.auth.session;

import io.naap.auth.accesstoken.AccessTokens;
import io.naap.auth.tenant.Member;
import io.naap.auth.token.TokenConfig;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Subject;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;

/** Issues the tokens of sessions in the caller's transaction. */
@ApplicationScoped
class SessionTokens {
  private final AccessTokens accessTokens;
  private final RefreshTokens refreshTokens;
  private final Refusals refusals;
  private final TokenConfig config;

  SessionTokens(
      AccessTokens accessTokens,
      RefreshTokens refreshTokens,
      Refusals refusals,
      TokenConfig config) {
    this.accessTokens = accessTokens;
    this.refreshTokens = refreshTokens;
    this.refusals = refusals;
    this.config = config;
  }

  /** The first tokens of a session. */
  Tokens first(Tx tx, String sessionId, Member member, Instant now) {
    return answer(tx, sessionId, member, refreshTokens.issue(tx, sessionId, now), now);
  }

  /** When the session was opened; a refresh does not count as a sign-in. */
  private static Instant signedInAt(Tx tx, String sessionId) {
    return tx.one("select created_at from sessions where id = $1", sessionId)
        .orElseThrow()
        .getOffsetDateTime("created_at")
        .toInstant();
  }

  /** The tokens of a session with its next refresh token. */
  Tokens answer(Tx tx, String sessionId, Member member, String refreshToken, Instant now) {
    Instant person = refusals.notBefore(tx, Subject.person(member.userId()), now);
    Instant issuedAt =
        refusals.notBefore(tx, Subject.member(member.userId(), member.tenantId()), person);
    return new Tokens(
        accessTokens.person(member, sessionId, signedInAt(tx, sessionId), issuedAt),
        "Bearer",
        config.accessTokenTtl().toSeconds(),
        refreshToken,
        member.tenantId(),
        member.userId());
  }
}
