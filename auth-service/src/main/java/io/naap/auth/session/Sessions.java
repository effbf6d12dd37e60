package io.naap.auth.session;

import io.naap.auth.AuthConfig;
import io.naap.auth.outbox.Outbox;
import io.naap.auth.store.Transactions;
import io.naap.auth.store.Tx;
import io.naap.auth.tenant.Member;
import io.naap.auth.tenant.Tenants;
import io.naap.auth.token.AccessTokens;
import io.naap.auth.token.Opaque;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** Opens, refreshes and ends sessions. */
@ApplicationScoped
public class Sessions {
  private final Transactions transactions;
  private final Tenants tenants;
  private final AccessTokens accessTokens;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;
  private final SecureRandom random = new SecureRandom();

  Sessions(
      Transactions transactions,
      Tenants tenants,
      AccessTokens accessTokens,
      Outbox outbox,
      Ids ids,
      Clock clock,
      AuthConfig config) {
    this.transactions = transactions;
    this.tenants = tenants;
    this.accessTokens = accessTokens;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
  }

  /** What a refresh came to. */
  public sealed interface Refreshed {
    /** New tokens; the old refresh token is used up. */
    record Renewed(Tokens tokens) implements Refreshed {}

    /** The token is unknown, used (which ends its session), expired or revoked. */
    record Refused(String reason) implements Refreshed {}
  }

  /**
   * Opens a session for a wallet that has proved itself; makes its user and tenant the first time.
   *
   * @param wallet EIP-55 address, or {@code eip155:<chain id>:<address>} for a contract
   */
  public Tokens open(String wallet) {
    Tokens tokens =
        transactions.run(
            tx -> {
              Member member = tenants.memberOf(tx, wallet);
              Instant now = clock.instant();
              String sessionId = ids.next(IdKind.SESSION);
              tx.change(
                  """
                  insert into sessions (id, user_id, tenant_id, wallet, created_at, expires_at)
                  values ($1, $2, $3, $4, $5, $6)""",
                  sessionId,
                  member.userId(),
                  member.tenantId(),
                  wallet,
                  now.atOffset(ZoneOffset.UTC),
                  now.plus(config.sessionTtl()).atOffset(ZoneOffset.UTC));
              return issue(tx, sessionId, member, now);
            });
    outbox.poke();
    return tokens;
  }

  /**
   * Uses a refresh token up and gives the next. The row lock lets one of many concurrent uses win;
   * the others are reuse, which ends the session.
   */
  public Refreshed refresh(String refreshToken) {
    return transactions.run(
        tx -> {
          Instant now = clock.instant();
          Optional<Row> found =
              tx.one(
                  """
                  select s.id, s.user_id, s.tenant_id, s.wallet, s.expires_at, s.revoked_at, t.used_at
                  from refresh_tokens t join sessions s on s.id = t.session_id
                  where t.token_hash = $1 for update""",
                  (Object) Opaque.hash(refreshToken));
          if (found.isEmpty()) {
            return new Refreshed.Refused("unknown");
          }
          Row session = found.get();
          if (session.getOffsetDateTime("revoked_at") != null) {
            return new Refreshed.Refused("revoked");
          }
          if (session.getOffsetDateTime("used_at") != null) {
            revoke(tx, session.getString("id"), now);
            return new Refreshed.Refused("reused");
          }
          if (!session.getOffsetDateTime("expires_at").toInstant().isAfter(now)) {
            return new Refreshed.Refused("expired");
          }
          tx.change(
              "update refresh_tokens set used_at = $2 where token_hash = $1",
              Opaque.hash(refreshToken),
              now.atOffset(ZoneOffset.UTC));
          Optional<Member> member =
              tenants.member(
                  tx,
                  session.getString("user_id"),
                  session.getString("tenant_id"),
                  session.getString("wallet"));
          return member
              .<Refreshed>map(
                  who -> new Refreshed.Renewed(issue(tx, session.getString("id"), who, now)))
              .orElseGet(() -> new Refreshed.Refused("no_membership"));
        });
  }

  /** Ends the session of a refresh token; nothing happens when there is none (RFC 7009). */
  public void revoke(String refreshToken) {
    transactions.run(
        tx -> {
          tx.one(
                  "select session_id from refresh_tokens where token_hash = $1",
                  (Object) Opaque.hash(refreshToken))
              .ifPresent(row -> revoke(tx, row.getString("session_id"), clock.instant()));
          return null;
        });
  }

  private static void revoke(Tx tx, String sessionId, Instant now) {
    tx.change(
        "update sessions set revoked_at = $2 where id = $1 and revoked_at is null",
        sessionId,
        now.atOffset(ZoneOffset.UTC));
  }

  private Tokens issue(Tx tx, String sessionId, Member member, Instant now) {
    String refreshToken = Opaque.random(random);
    tx.change(
        "insert into refresh_tokens (token_hash, session_id, issued_at) values ($1, $2, $3)",
        Opaque.hash(refreshToken),
        sessionId,
        now.atOffset(ZoneOffset.UTC));
    return new Tokens(
        accessTokens.person(member, sessionId, now),
        "Bearer",
        config.accessTokenTtl().toSeconds(),
        refreshToken,
        member.tenantId(),
        member.userId());
  }
}
