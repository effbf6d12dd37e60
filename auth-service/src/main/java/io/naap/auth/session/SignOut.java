package io.naap.auth.session;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.tenant.AuthConfig;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Subject;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/** Ends sessions; their tokens are refused from then on. */
@ApplicationScoped
public class SignOut {
  private final Transactions transactions;
  private final RefreshTokens refreshTokens;
  private final Refusals refusals;
  private final Audit audit;
  private final Clock clock;
  private final AuthConfig config;

  SignOut(
      Transactions transactions,
      RefreshTokens refreshTokens,
      Refusals refusals,
      Audit audit,
      Clock clock,
      AuthConfig config) {
    this.transactions = transactions;
    this.refreshTokens = refreshTokens;
    this.refusals = refusals;
    this.audit = audit;
    this.clock = clock;
    this.config = config;
  }

  /** Ends the sessions that were not used for longest when a user has more than the limit. */
  void endOldest(Tx tx, String userId, Instant now) {
    for (Row old :
        tx.query(
            """
            select id from sessions where user_id = $1 and revoked_at is null and expires_at > $2
            order by last_used_at desc, id desc offset $3 for update""",
            userId,
            now.atOffset(ZoneOffset.UTC),
            config.sessionsPerUser())) {
      end(tx, old.getString("id"), "more sessions than a person may have", now);
    }
  }

  /** Ends one of the user's sessions; false when the user has no such session. */
  public boolean end(String userId, String sessionId, Origin origin) {
    return transactions.run(
        tx -> {
          Optional<Row> session =
              tx.one(
                  "select tenant_id from sessions where id = $1 and user_id = $2 and revoked_at is"
                      + " null for update",
                  sessionId,
                  userId);
          session.ifPresent(
              row -> {
                end(tx, sessionId, "ended by the user", clock.instant());
                audit.record(
                    tx,
                    new Action(
                        userId,
                        row.getString("tenant_id"),
                        "session.ended",
                        sessionId,
                        Map.of(),
                        origin));
              });
          return session.isPresent();
        });
  }

  /** Ends all sessions of a user. */
  public void endAll(String userId, Optional<String> tenantId, Origin origin) {
    transactions.run(
        tx -> {
          tx.change(
              "update sessions set revoked_at = $2, revoked_because = 'logout everywhere'"
                  + " where user_id = $1 and revoked_at is null",
              userId,
              clock.instant().atOffset(ZoneOffset.UTC));
          refusals.refuseUntilNow(tx, Subject.person(userId));
          audit.record(
              tx,
              new Action(
                  userId, tenantId.orElse(null), "session.all_ended", userId, Map.of(), origin));
          return null;
        });
  }

  /** Ends the session of a refresh token (RFC 7009); false when the token is unknown. */
  public boolean revoke(String refreshToken, Origin origin) {
    Optional<Row> owner = refreshTokens.owner(refreshToken);
    owner.ifPresent(row -> end(row.getString("user_id"), row.getString("id"), origin));
    return owner.isPresent();
  }

  void end(Tx tx, String sessionId, String because, Instant now) {
    tx.change(
        "update sessions set revoked_at = $2, revoked_because = $3 where id = $1 and revoked_at is"
            + " null",
        sessionId,
        now.atOffset(ZoneOffset.UTC),
        because);
    refusals.refuseAll(tx, Subject.session(sessionId));
  }
}
