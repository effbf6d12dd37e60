package io.naap.auth.session;

import io.naap.auth.accesstoken.AccessTokens;
import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.tenant.AuthConfig;
import io.naap.auth.tenant.Member;
import io.naap.auth.tenant.Tenants;
import io.naap.auth.token.TokenConfig;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Subject;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens, lists and ends sessions. */
@ApplicationScoped
public class Sessions {
  private final Transactions transactions;
  private final Tenants tenants;
  private final AccessTokens accessTokens;
  private final RefreshTokens refreshTokens;
  private final Refusals refusals;
  private final Audit audit;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;
  private final TokenConfig tokens;

  Sessions(
      Transactions transactions,
      Tenants tenants,
      AccessTokens accessTokens,
      RefreshTokens refreshTokens,
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
    this.refreshTokens = refreshTokens;
    this.refusals = refusals;
    this.audit = audit;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
    this.tokens = tokens;
  }

  /** How a person signed in. */
  public enum Kind {
    SIWE("siwe"),
    DEVICE("device");

    private final String wireName;

    Kind(String wireName) {
      this.wireName = wireName;
    }
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
   * Opens a session for an account whose signature was verified; the first sign-in creates its user
   * and tenant. Empty when every tenant of the user is suspended.
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

  /** Opens a session for a member in the caller's transaction. */
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
    String refreshToken = refreshTokens.issue(tx, sessionId, now);
    audit.record(tx, new Action(member.userId(),
        member.tenantId(),
        "session.opened",
        sessionId,
        Map.of("kind", kind.wireName, "wallet", member.wallet()),
        origin));
    return answer(tx, sessionId, member, refreshToken, now);
  }

  /** Ends the sessions that were not used for longest when a user has more than the limit. */
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

  /** When the session was opened; a refresh does not count as a sign-in. */
  private static Instant signedInAt(Tx tx, String sessionId) {
    return tx.one("select created_at from sessions where id = $1", sessionId)
        .orElseThrow()
        .getOffsetDateTime("created_at")
        .toInstant();
  }

  Tokens answer(Tx tx, String sessionId, Member member, String refreshToken, Instant now) {
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

  /** A page of the user's valid sessions, newest first, after the cursor. */
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
                audit.record(tx, new Action(userId,
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
          audit.record(tx, new Action(userId, tenantId.orElse(null), "session.all_ended", userId, Map.of(), origin));
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
