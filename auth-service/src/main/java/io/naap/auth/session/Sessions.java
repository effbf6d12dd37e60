package io.naap.auth.session;

import io.naap.auth.accesstoken.AccessTokens;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.secret.Opaque;
import io.naap.auth.tenant.AuthConfig;
import io.naap.auth.tenant.Member;
import io.naap.auth.tenant.Tenants;
import io.naap.auth.token.Sealing;
import io.naap.auth.token.TokenConfig;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Subject;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens, refreshes and ends sessions. */
@ApplicationScoped
public class Sessions {
  private final Transactions transactions;
  private final Tenants tenants;
  private final AccessTokens accessTokens;
  private final Sealing sealing;
  private final Refusals refusals;
  private final Audit audit;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;
  private final TokenConfig tokens;
  private final SecureRandom random = new SecureRandom();

  Sessions(
      Transactions transactions,
      Tenants tenants,
      AccessTokens accessTokens,
      Sealing sealing,
      Refusals refusals,
      Audit audit,
      Outbox outbox,
      Ids ids,
      Clock clock,
      AuthConfig config,
      TokenConfig tokens) {
    this.transactions = transactions;
    this.tenants = tenants;
    this.accessTokens = accessTokens;
    this.sealing = sealing;
    this.refusals = refusals;
    this.audit = audit;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
    this.tokens = tokens;
  }

  /** How somebody proved who they are. */
  public enum Kind {
    SIWE("siwe"),
    DEVICE("device");

    private final String wireName;

    Kind(String wireName) {
      this.wireName = wireName;
    }
  }

  /** What a refresh came to. */
  public sealed interface Refreshed {
    /** New tokens; the old refresh token is used up. */
    record Renewed(Tokens tokens) implements Refreshed {}

    /** The token is unknown, used (which ends its session), expired or revoked. */
    record Refused(String reason) implements Refreshed {}
  }

  /** A session as its user sees it. */
  public record SessionView(
      String id,
      String kind,
      String tenantId,
      String wallet,
      String address,
      String agent,
      Instant createdAt,
      Instant lastUsedAt,
      Instant expiresAt,
      boolean current) {}

  /**
   * Opens a session for an account that has proved itself; makes its user and tenant the first
   * time. Empty when every tenant of the user is suspended.
   *
   * @param account an EIP-55 address, or {@code eip155:<chain>:<address>} for a contract wallet
   */
  public Optional<Tokens> open(String account, Origin origin) {
    Optional<Tokens> opened =
        transactions.run(
            tx ->
                tenants
                    .memberOf(tx, account, origin)
                    .map(member -> open(tx, member, Kind.SIWE, origin)));
    outbox.poke();
    return opened;
  }

  /** Opens a session for a member, as part of the caller's transaction. */
  public Tokens open(Tx tx, Member member, Kind kind, Origin origin) {
    Instant now = clock.instant();
    String sessionId = ids.next(IdKind.SESSION);
    tx.change(
        """
        insert into sessions
          (id, user_id, tenant_id, wallet, kind, address, agent, created_at, last_used_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)""",
        sessionId,
        member.userId(),
        member.tenantId(),
        member.wallet(),
        kind.wireName,
        origin.address(),
        origin.agent(),
        now.atOffset(ZoneOffset.UTC),
        now.plus(config.sessionTtl()).atOffset(ZoneOffset.UTC));
    endOldest(tx, member.userId(), now);
    String refreshToken = store(tx, sessionId, now);
    audit.record(
        tx,
        member.userId(),
        member.tenantId(),
        "session.opened",
        sessionId,
        Map.of("kind", kind.wireName, "wallet", member.wallet()),
        origin);
    return answer(tx, sessionId, member, refreshToken, now);
  }

  /** A person has a bounded number of sessions: the ones not used for longest end. */
  private void endOldest(Tx tx, String userId, Instant now) {
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

  /**
   * Uses a refresh token up and gives the next. Of many uses at once the row lock lets one win, and
   * for a few seconds the others get the winner's answer again: a client whose connection broke, or
   * that has two windows, is not locked out. A use after that, or once the successor has been used,
   * is a stolen token: it ends the session.
   *
   * @param tenantId the tenant to act for from now on; absent for the one until now
   */
  public Refreshed refresh(String refreshToken, Optional<String> tenantId, Origin origin) {
    return transactions.run(
        tx -> {
          Instant now = clock.instant();
          Optional<Row> found =
              tx.one(
                  """
                  select s.id, s.user_id, s.tenant_id, s.wallet, s.expires_at, s.revoked_at, t.used_at,
                    t.successor
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
          if (!session.getOffsetDateTime("expires_at").toInstant().isAfter(now)) {
            return new Refreshed.Refused("expired");
          }
          Optional<String> successor = Optional.empty();
          if (session.getOffsetDateTime("used_at") != null) {
            successor = again(tx, session, refreshToken, now);
            if (successor.isEmpty()) {
              end(tx, session.getString("id"), "refresh token reused", now);
              audit.record(
                  tx,
                  session.getString("user_id"),
                  session.getString("tenant_id"),
                  "session.reuse_detected",
                  session.getString("id"),
                  Map.of(),
                  origin);
              return new Refreshed.Refused("reused");
            }
          }
          String tenant = tenantId.orElse(session.getString("tenant_id"));
          Optional<Member> member =
              tenants.member(tx, session.getString("user_id"), tenant, session.getString("wallet"));
          if (member.isEmpty()) {
            // Nothing is used up: the client may ask for another of its tenants.
            return new Refreshed.Refused("no_membership");
          }
          tx.change(
              "update sessions set tenant_id = $2, last_used_at = $3 where id = $1",
              session.getString("id"),
              tenant,
              now.atOffset(ZoneOffset.UTC));
          if (tenantId.isPresent()) {
            tx.change(
                "update users set last_tenant_id = $2 where id = $1",
                session.getString("user_id"),
                tenant);
          }
          String next =
              successor.orElseGet(
                  () -> {
                    String made = store(tx, session.getString("id"), now);
                    tx.change(
                        "update refresh_tokens set used_at = $2, successor = $3 where token_hash = $1",
                        Opaque.hash(refreshToken),
                        now.atOffset(ZoneOffset.UTC),
                        Buffer.buffer(
                            sealing.seal(
                                sealingKey(refreshToken),
                                made.getBytes(StandardCharsets.US_ASCII))));
                    return made;
                  });
          return new Refreshed.Renewed(
              answer(tx, session.getString("id"), member.get(), next, now));
        });
  }

  /** The successor of a token that was used a moment ago, if nobody has used that one yet. */
  private Optional<String> again(Tx tx, Row used, String refreshToken, Instant now) {
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

  private String store(Tx tx, String sessionId, Instant now) {
    String refreshToken = Opaque.random(random);
    tx.change(
        "insert into refresh_tokens (token_hash, session_id, issued_at) values ($1, $2, $3)",
        Opaque.hash(refreshToken),
        sessionId,
        now.atOffset(ZoneOffset.UTC));
    return refreshToken;
  }

  /** When the person of a session proved who they are: a refresh proves nothing new. */
  private static Instant signedInAt(Tx tx, String sessionId) {
    return tx.one("select created_at from sessions where id = $1", sessionId)
        .orElseThrow()
        .getOffsetDateTime("created_at")
        .toInstant();
  }

  private Tokens answer(Tx tx, String sessionId, Member member, String refreshToken, Instant now) {
    Instant person = refusals.notBefore(tx, Subject.person(member.userId()), now);
    Instant issuedAt =
        refusals.notBefore(tx, Subject.member(member.userId(), member.tenantId()), person);
    return new Tokens(
        accessTokens.person(member, sessionId, signedInAt(tx, sessionId), issuedAt),
        "Bearer",
        tokens.accessTokenTtl().toSeconds(),
        refreshToken,
        member.tenantId(),
        member.userId());
  }

  /** The user's living sessions, newest first, older than the cursor. */
  public List<SessionView> list(
      String userId, Optional<String> current, Optional<String> before, int limit) {
    return transactions
        .run(
            tx ->
                tx.query(
                    """
                    select id, kind, tenant_id, wallet, address, agent, created_at, last_used_at,
                      expires_at
                    from sessions
                    where user_id = $1 and revoked_at is null and expires_at > $2 and id < $3
                    order by id desc limit $4""",
                    userId,
                    clock.instant().atOffset(ZoneOffset.UTC),
                    before.orElse("~"),
                    limit))
        .stream()
        .map(
            row ->
                new SessionView(
                    row.getString("id"),
                    row.getString("kind"),
                    row.getString("tenant_id"),
                    row.getString("wallet"),
                    row.getString("address"),
                    row.getString("agent"),
                    row.getOffsetDateTime("created_at").toInstant(),
                    row.getOffsetDateTime("last_used_at") == null
                        ? row.getOffsetDateTime("created_at").toInstant()
                        : row.getOffsetDateTime("last_used_at").toInstant(),
                    row.getOffsetDateTime("expires_at").toInstant(),
                    current.filter(row.getString("id")::equals).isPresent()))
        .toList();
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
                    userId,
                    row.getString("tenant_id"),
                    "session.ended",
                    sessionId,
                    Map.of(),
                    origin);
              });
          return session.isPresent();
        });
  }

  /** Ends all of the user's sessions: logout everywhere. */
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
              tx, userId, tenantId.orElse(null), "session.all_ended", userId, Map.of(), origin);
          return null;
        });
  }

  /** Ends the session of a refresh token (RFC 7009); false when there is none. */
  public boolean revoke(String refreshToken, Origin origin) {
    Optional<Row> owner =
        transactions.run(
            tx ->
                tx.one(
                    """
                    select s.id, s.user_id from refresh_tokens t join sessions s on s.id = t.session_id
                    where t.token_hash = $1""",
                    (Object) Opaque.hash(refreshToken)));
    owner.ifPresent(row -> end(row.getString("user_id"), row.getString("id"), origin));
    return owner.isPresent();
  }

  /** What a living refresh token stands for (RFC 7662). */
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

  /** A living refresh token. */
  public record RefreshState(String userId, String tenantId, Instant issuedAt, Instant expiresAt) {}

  private void end(Tx tx, String sessionId, String because, Instant now) {
    tx.change(
        "update sessions set revoked_at = $2, revoked_because = $3 where id = $1 and revoked_at is"
            + " null",
        sessionId,
        now.atOffset(ZoneOffset.UTC),
        because);
    refusals.refuseAll(tx, Subject.session(sessionId));
  }
}
