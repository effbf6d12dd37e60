package io.naap.auth.session;

import io.naap.auth.secret.Opaque;
import io.naap.auth.tenant.AuthConfig;
import io.naap.auth.token.Sealing;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Stores refresh tokens in Postgres as SHA-256. A token is used once; its row then holds its
 * successor, encrypted with a key that is derived from the used token.
 */
@ApplicationScoped
public class RefreshTokens {
  private final Transactions transactions;
  private final Sealing sealing;
  private final Clock clock;
  private final AuthConfig config;
  private final SecureRandom random = new SecureRandom();

  RefreshTokens(Transactions transactions, Sealing sealing, Clock clock, AuthConfig config) {
    this.transactions = transactions;
    this.sealing = sealing;
    this.clock = clock;
    this.config = config;
  }

  /** Reads a token and its session and locks both rows. */
  Optional<Row> lock(Tx tx, String refreshToken) {
    return tx.one(
        """
        select s.id, s.user_id, s.tenant_id, s.wallet, s.expires_at, s.revoked_at, t.used_at,
          t.successor
        from refresh_tokens t join sessions s on s.id = t.session_id
        where t.token_hash = $1 for update""",
        (Object) Opaque.hash(refreshToken));
  }

  /** The session of a token, also of a used one. */
  Optional<Row> owner(String refreshToken) {
    return transactions.run(
        tx ->
            tx.one(
                """
                select s.id, s.user_id from refresh_tokens t join sessions s on s.id = t.session_id
                where t.token_hash = $1""",
                (Object) Opaque.hash(refreshToken)));
  }

  /** Issues the first token of a session. */
  String issue(Tx tx, String sessionId, Instant now) {
    String refreshToken = Opaque.random(random);
    tx.change(
        "insert into refresh_tokens (token_hash, session_id, issued_at) values ($1, $2, $3)",
        Opaque.hash(refreshToken),
        sessionId,
        now.atOffset(ZoneOffset.UTC));
    return refreshToken;
  }

  /** Marks a token as used and issues its successor. */
  String succeed(Tx tx, String sessionId, String refreshToken, Instant now) {
    String successor = issue(tx, sessionId, now);
    tx.change(
        "update refresh_tokens set used_at = $2, successor = $3 where token_hash = $1",
        Opaque.hash(refreshToken),
        now.atOffset(ZoneOffset.UTC),
        Buffer.buffer(
            sealing.seal(sealingKey(refreshToken), successor.getBytes(StandardCharsets.US_ASCII))));
    return successor;
  }

  /**
   * The successor of a token that was used within the grace period, as long as the successor itself
   * is unused.
   */
  Optional<String> successor(Tx tx, Row used, String refreshToken, Instant now) {
    Instant usedAt = used.getOffsetDateTime("used_at").toInstant();
    var sealed = used.getBuffer("successor");
    if (sealed == null || usedAt.plus(config.refreshGrace()).isBefore(now)) {
      return Optional.empty();
    }
    try {
      String successor =
          new String(
              sealing.open(sealingKey(refreshToken), sealed.getBytes()), StandardCharsets.US_ASCII);
      return tx.one(
              "select 1 from refresh_tokens where token_hash = $1 and used_at is null",
              (Object) Opaque.hash(successor))
          .map(unused -> successor);
    } catch (GeneralSecurityException changed) {
      throw new IllegalStateException(changed);
    }
  }

  private static byte[] sealingKey(String refreshToken) {
    return Opaque.hash("successor of " + refreshToken).getBytes();
  }

  /** The session of a refresh token that is still valid (RFC 7662). */
  public Optional<RefreshState> state(String refreshToken) {
    return transactions
        .run(
            tx ->
                tx.one(
                    """
                    select s.user_id, s.tenant_id, s.expires_at, t.issued_at from refresh_tokens t
                    join sessions s on s.id = t.session_id
                    where t.token_hash = $1 and t.used_at is null and s.revoked_at is null
                      and s.expires_at > $2""",
                    Opaque.hash(refreshToken),
                    clock.instant().atOffset(ZoneOffset.UTC)))
        .map(
            row ->
                new RefreshState(
                    row.getString("user_id"),
                    row.getString("tenant_id"),
                    row.getOffsetDateTime("issued_at").toInstant(),
                    row.getOffsetDateTime("expires_at").toInstant()));
  }

  /** The session of a valid refresh token. */
  public record RefreshState(String userId, String tenantId, Instant issuedAt, Instant expiresAt) {}
}
