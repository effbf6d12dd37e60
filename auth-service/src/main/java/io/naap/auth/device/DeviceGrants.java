package io.naap.auth.device;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.secret.Opaque;
import io.naap.auth.session.Sessions;
import io.naap.auth.session.Tokens;
import io.naap.auth.tenant.Member;
import io.naap.auth.tenant.Memberships;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Stores the grants of the device flow in Postgres; device codes and user codes are stored as
 * SHA-256.
 */
@ApplicationScoped
public class DeviceGrants {
  /** The letters of user codes, without vowels and look-alikes (RFC 8628, section 6.1). */
  private static final String LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

  private static final int HALF = 4;
  private static final Duration SLOW_DOWN = Duration.ofSeconds(5);

  private final Transactions transactions;
  private final Sessions sessions;
  private final Memberships memberships;
  private final Audit audit;
  private final Outbox outbox;
  private final Clock clock;
  private final DeviceConfig config;
  private final SecureRandom random = new SecureRandom();

  DeviceGrants(
      Transactions transactions,
      Sessions sessions,
      Memberships memberships,
      Audit audit,
      Outbox outbox,
      Clock clock,
      DeviceConfig config) {
    this.transactions = transactions;
    this.sessions = sessions;
    this.memberships = memberships;
    this.audit = audit;
    this.outbox = outbox;
    this.clock = clock;
    this.config = config;
  }

  /** A new grant that waits for approval. */
  record Started(String deviceCode, String userCode, Duration ttl, Duration interval) {
    @Override
    public String toString() {
      return "Started[secret]";
    }
  }

  /** Shows the person who decides which device asks. */
  public record Pending(String client, String address, Instant createdAt, Instant expiresAt) {}

  /** The result of a device's poll for tokens (RFC 8628, section 3.5). */
  public sealed interface Asked {
    /** The grant was approved; the device has a session. */
    record Approved(Tokens tokens) implements Asked {}

    /** Nobody has approved or denied the grant yet. */
    record Waiting() implements Asked {}

    /** The device polled before its interval was over. */
    record TooSoon() implements Asked {}

    /**
     * The grant was denied, or the person who approved it is no longer an active member of the
     * tenant.
     */
    record Denied() implements Asked {}

    /** The device code is expired, used or unknown. */
    record Expired() implements Asked {}
  }

  Started start(String client, Origin origin) {
    String deviceCode = Opaque.random(random);
    StringBuilder letters = new StringBuilder();
    for (int at = 0; at < 2 * HALF; at++) {
      letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    Instant now = clock.instant();
    transactions.run(
        tx -> {
          tx.change(
              "delete from device_grants where device_hash in (select device_hash from device_grants"
                  + " where expires_at < $1 limit 20)",
              now.minus(config.ttl()).atOffset(ZoneOffset.UTC));
          return tx.change(
              """
              insert into device_grants
                (device_hash, user_hash, client, address, created_at, expires_at, interval_s)
              values ($1, $2, $3, $4, $5, $6, $7)""",
              Opaque.hash(deviceCode),
              Opaque.hash(letters.toString()),
              client,
              origin.address(),
              now.atOffset(ZoneOffset.UTC),
              now.plus(config.ttl()).atOffset(ZoneOffset.UTC),
              (int) config.interval().toSeconds());
        });
    return new Started(
        deviceCode,
        letters.substring(0, HALF) + "-" + letters.substring(HALF),
        config.ttl(),
        config.interval());
  }

  /** The open grant of a user code; upper and lower case and separators do not matter. */
  Optional<Pending> pending(String userCode) {
    return transactions
        .run(tx -> open(tx, userCode))
        .map(
            row ->
                new Pending(
                    row.getString("client"),
                    row.getString("address"),
                    row.getOffsetDateTime("created_at").toInstant(),
                    row.getOffsetDateTime("expires_at").toInstant()));
  }

  /**
   * Approves or denies a grant in the name of the member who is signed in; false when the user code
   * has no open grant.
   */
  boolean decide(
      String userCode,
      boolean approve,
      String userId,
      String tenantId,
      String wallet,
      Origin origin) {
    return transactions.run(
        tx -> {
          Optional<Row> open = open(tx, userCode);
          open.ifPresent(
              row -> {
                tx.change(
                    """
                    update device_grants set approved = $2, user_id = $3, tenant_id = $4, wallet = $5
                    where user_hash = $1""",
                    Opaque.hash(plain(userCode)),
                    approve,
                    userId,
                    tenantId,
                    wallet);
                audit.record(
                    tx,
                    new Action(
                        userId,
                        tenantId,
                        approve ? "device.approved" : "device.denied",
                        row.getString("client"),
                        Map.of("device_address", row.getString("address")),
                        origin));
              });
          return open.isPresent();
        });
  }

  private Optional<Row> open(Tx tx, String userCode) {
    return tx.one(
        """
        select client, address, created_at, expires_at from device_grants
        where user_hash = $1 and approved is null and expires_at > $2 for update""",
        Opaque.hash(plain(userCode)),
        clock.instant().atOffset(ZoneOffset.UTC));
  }

  private static String plain(String userCode) {
    return userCode == null ? "" : userCode.replaceAll("[^A-Za-z]", "").toUpperCase(Locale.ROOT);
  }

  /** Answers a device's poll for its tokens. */
  public Asked ask(String deviceCode, String client, Origin origin) {
    Asked asked =
        transactions.run(
            tx -> {
              Instant now = clock.instant();
              Optional<Row> found =
                  tx.one(
                      """
                      select client, expires_at, polled_at, interval_s, approved, user_id, tenant_id,
                        wallet
                      from device_grants where device_hash = $1 for update""",
                      (Object) Opaque.hash(deviceCode));
              if (found.filter(row -> row.getString("client").equals(client)).isEmpty()) {
                return new Asked.Expired();
              }
              return answer(tx, found.get(), deviceCode, now, origin);
            });
    outbox.poke();
    return asked;
  }

  private Asked answer(Tx tx, Row grant, String deviceCode, Instant now, Origin origin) {
    if (!grant.getOffsetDateTime("expires_at").toInstant().isAfter(now)) {
      return new Asked.Expired();
    }
    Boolean approved = grant.getBoolean("approved");
    if (approved == null) {
      int interval = grant.getInteger("interval_s");
      boolean tooSoon =
          grant.getOffsetDateTime("polled_at") != null
              && grant
                  .getOffsetDateTime("polled_at")
                  .toInstant()
                  .plusSeconds(interval)
                  .minusMillis(500)
                  .isAfter(now);
      tx.change(
          "update device_grants set polled_at = $2, interval_s = $3 where device_hash = $1",
          Opaque.hash(deviceCode),
          now.atOffset(ZoneOffset.UTC),
          tooSoon ? interval + (int) SLOW_DOWN.toSeconds() : interval);
      return tooSoon ? new Asked.TooSoon() : new Asked.Waiting();
    }
    // The grant is decided, so its codes are deleted, whatever the result.
    tx.change("delete from device_grants where device_hash = $1", Opaque.hash(deviceCode));
    if (!approved) {
      return new Asked.Denied();
    }
    Optional<Member> member =
        memberships.member(
            tx,
            grant.getString("user_id"),
            grant.getString("tenant_id"),
            grant.getString("wallet"));
    return member
        .<Asked>map(who -> new Asked.Approved(sessions.open(tx, who, Sessions.Kind.DEVICE, origin)))
        .orElseGet(Asked.Denied::new);
  }
}
