package io.naap.auth.session;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.tenant.Member;
import io.naap.auth.tenant.Memberships;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/** Exchanges refresh tokens for new tokens. */
@ApplicationScoped
public class SessionRefresh {
  private final Transactions transactions;
  private final SessionTokens tokens;
  private final SignOut signOut;
  private final RefreshTokens refreshTokens;
  private final Memberships memberships;
  private final Audit audit;
  private final Clock clock;

  SessionRefresh(
      Transactions transactions,
      SessionTokens tokens,
      SignOut signOut,
      RefreshTokens refreshTokens,
      Memberships memberships,
      Audit audit,
      Clock clock) {
    this.transactions = transactions;
    this.tokens = tokens;
    this.signOut = signOut;
    this.refreshTokens = refreshTokens;
    this.memberships = memberships;
    this.audit = audit;
    this.clock = clock;
  }

  /** The result of a refresh. */
  public sealed interface Refreshed {
    /** New tokens were issued; the old refresh token is used. */
    record Renewed(Tokens tokens) implements Refreshed {}

    /** The token is unknown, expired, revoked or was used before; a second use ends its session. */
    record Refused(String reason) implements Refreshed {}
  }

  /**
   * Uses a refresh token and issues the next one. When several requests use the same token, a row
   * lock lets one win; for a few seconds the others receive the same successor, so a client with a
   * lost connection or two windows is not signed out. A use after that, or after the successor has
   * been used, means that the token was stolen, and ends the session.
   *
   * @param tenantId the tenant to act for from now on; absent to keep the current one
   */
  public Refreshed refresh(String refreshToken, Optional<String> tenantId, Origin origin) {
    return transactions.run(tx -> refresh(tx, refreshToken, tenantId, origin));
  }

  private Refreshed refresh(Tx tx, String refreshToken, Optional<String> tenantId, Origin origin) {
    Instant now = clock.instant();
    Optional<Row> found = refreshTokens.lock(tx, refreshToken);
    if (found.isEmpty()) {
      return new Refreshed.Refused("unknown");
    }
    Row session = found.get();
    if (session.getOffsetDateTime("revoked_at") != null) {
      return new Refreshed.Refused("revoked");
    }
    if (!session.getOffsetDateTime("expires_at").toInstant().isAfter(now)) {
      return new Refreshed.Refused("expired");
    }
    Optional<String> successor = Optional.empty();
    if (session.getOffsetDateTime("used_at") != null) {
      successor = refreshTokens.successor(tx, session, refreshToken, now);
      if (successor.isEmpty()) {
        endStolen(tx, session, now, origin);
        return new Refreshed.Refused("reused");
      }
    }
    String sessionId = session.getString("id");
    String tenant = tenantId.orElse(session.getString("tenant_id"));
    Optional<Member> member =
        memberships.member(tx, session.getString("user_id"), tenant, session.getString("wallet"));
    if (member.isEmpty()) {
      // The refresh token stays unused, so the client can ask for another of its tenants.
      return new Refreshed.Refused("no_membership");
    }
    noteUse(tx, session, tenant, tenantId.isPresent(), now);
    String next =
        successor.orElseGet(() -> refreshTokens.succeed(tx, sessionId, refreshToken, now));
    return new Refreshed.Renewed(tokens.answer(tx, sessionId, member.get(), next, now));
  }

  private void endStolen(Tx tx, Row session, Instant now, Origin origin) {
    signOut.end(tx, session.getString("id"), "refresh token reused", now);
    audit.record(
        tx,
        new Action(
            session.getString("user_id"),
            session.getString("tenant_id"),
            "session.reuse_detected",
            session.getString("id"),
            Map.of(),
            origin));
  }

  private static void noteUse(Tx tx, Row session, String tenant, boolean chosen, Instant now) {
    tx.change(
        "update sessions set tenant_id = $2, last_used_at = $3 where id = $1",
        session.getString("id"),
        tenant,
        now.atOffset(ZoneOffset.UTC));
    if (chosen) {
      tx.change(
          "update users set last_tenant_id = $2 where id = $1",
          session.getString("user_id"),
          tenant);
    }
  }
}
