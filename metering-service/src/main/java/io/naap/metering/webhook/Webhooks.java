package io.naap.metering.webhook;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.secret.Secret;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Stores webhooks and their deliveries in Postgres. Methods that take a tenant treat another
 * tenant's webhook as one that does not exist.
 */
@ApplicationScoped
class Webhooks {
  private static final Duration OVERLAP = Duration.ofHours(24);

  private final WebhookConfig config;
  private final Ids ids;
  private final RandomGenerator random;
  private final Clock clock;
  private final Sealing sealing;

  Webhooks(WebhookConfig config, Ids ids, RandomGenerator random, Clock clock, Sealing sealing) {
    this.config = config;
    this.ids = ids;
    this.random = random;
    this.clock = clock;
    this.sealing = sealing;
  }

  /** Returns all webhooks of a tenant, of which there are only a few. */
  List<Webhook> list(Tx tx, String tenant) {
    return tx.query("select * from webhook where tenant_id = $1 order by id", tenant).stream()
        .map(row -> webhook(row, null))
        .toList();
  }

  /** Returns a webhook with its decrypted secret, for the response to its creation. */
  Optional<Webhook> withSecret(Tx tx, String id) {
    return tx.one("select * from webhook where id = $1", id)
        .map(row -> webhook(row, sealing.open(id, row.getBuffer("sealed")).reveal()));
  }

  /**
   * Creates a webhook and returns its id; empty when the tenant has the most webhooks it may have.
   */
  Optional<String> create(Tx tx, String tenant, Webhook.Request request) {
    long count =
        tx.one("select count(*) from webhook where tenant_id = $1", tenant)
            .orElseThrow()
            .getLong(0);
    if (count >= config.mostPerTenant()) {
      return Optional.empty();
    }
    String id = ids.next(IdKind.WEBHOOK);
    List<String> events =
        request.events().isEmpty()
            ? Announcements.TYPES.stream().sorted().toList()
            : request.events();
    tx.change(
        "insert into webhook (id, tenant_id, url, events, sealed) values ($1, $2, $3, $4, $5)",
        id,
        tenant,
        request.url(),
        events.toArray(String[]::new),
        sealing.seal(id, Signature.newSecret(random)));
    return Optional.of(id);
  }

  /** Deletes a webhook and its delivery log; false when there is no such webhook. */
  boolean delete(Tx tx, String id, String tenant) {
    return tx.change("delete from webhook where id = $1 and tenant_id = $2", id, tenant) > 0;
  }

  /** Replaces a webhook's secret. For 24 hours messages are signed with the old one too. */
  Optional<Webhook> rotate(Tx tx, String id, String tenant) {
    Secret secret = Signature.newSecret(random);
    return tx.one(
            "update webhook set old_sealed = sealed, old_secret_until = $3, sealed = $4"
                + " where id = $1 and tenant_id = $2 returning *",
            id,
            tenant,
            clock.instant().plus(OVERLAP).atOffset(ZoneOffset.UTC),
            sealing.seal(id, secret))
        .map(row -> webhook(row, secret.reveal()));
  }

  /** The outcome of a request for a test message. */
  enum Tested {
    QUEUED,
    NO_WEBHOOK,
    TOO_MANY
  }

  /**
   * Queues a test message. The number per minute is limited, as the tenant chooses where they are
   * sent.
   */
  Tested test(Tx tx, String id, String tenant) {
    Instant now = clock.instant();
    long sent =
        tx.one(
                "select count(*) from webhook_delivery d join webhook w on w.id = d.webhook_id"
                    + " where w.tenant_id = $1 and d.type = 'test' and d.created_at > $2",
                tenant,
                now.minusSeconds(60).atOffset(ZoneOffset.UTC))
            .orElseThrow()
            .getLong(0);
    if (sent >= config.testsPerMinute()) {
      return Tested.TOO_MANY;
    }
    int queued =
        tx.change(
            "insert into webhook_delivery (webhook_id, message_id, type, payload)"
                + " select id, $3, 'test', $4 from webhook where id = $1 and tenant_id = $2",
            id,
            tenant,
            "msg_" + ids.next(IdKind.EVENT),
            Announcements.payload("test", now, "{}"));
    return queued == 0 ? Tested.NO_WEBHOOK : Tested.QUEUED;
  }

  /**
   * Returns a page of what was sent to a webhook, the newest first; empty when there is no such
   * webhook.
   */
  Optional<Page<Webhook.Delivery>> deliveries(Tx tx, String id, String tenant, PageRequest page) {
    if (tx.one("select 1 from webhook where id = $1 and tenant_id = $2", id, tenant).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Page.of(
            tx
                .query(
                    "select * from webhook_delivery where webhook_id = $1 and id < $2"
                        + " order by id desc limit $3",
                    id,
                    page.after().map(end -> end.number(0)).orElse(Long.MAX_VALUE),
                    page.oneMore())
                .stream()
                .map(Webhooks::delivery)
                .toList(),
            page.size(),
            delivery -> Cursor.of(delivery.id())));
  }

  /** Queues a delivery again, under its message id; false when there is no such delivery. */
  boolean resend(Tx tx, String id, String tenant, long delivery) {
    return tx.change(
            """
            update webhook_delivery d set state = 'waiting', attempts = 0, next_at = $4 from webhook w
            where d.id = $3 and d.webhook_id = $1 and w.id = $1 and w.tenant_id = $2\
            """,
            id,
            tenant,
            delivery,
            clock.instant().atOffset(ZoneOffset.UTC))
        > 0;
  }

  private static Webhook webhook(Row row, String secret) {
    return new Webhook(
        row.getString("id"),
        row.getString("tenant_id"),
        row.getString("url"),
        List.of(row.getArrayOfStrings("events")),
        row.getBoolean("enabled"),
        row.getOffsetDateTime("created_at").toInstant(),
        secret);
  }

  private static Webhook.Delivery delivery(Row row) {
    return new Webhook.Delivery(
        row.getLong("id"),
        row.getString("message_id"),
        row.getString("type"),
        row.getString("state"),
        row.getInteger("attempts"),
        new Webhook.LastAttempt(row.getInteger("last_status"), row.getString("last_error")),
        new Webhook.Times(
            row.getOffsetDateTime("created_at").toInstant(),
            row.getOffsetDateTime("next_at").toInstant(),
            Optional.ofNullable(row.getOffsetDateTime("delivered_at"))
                .map(OffsetDateTime::toInstant)
                .orElse(null)));
  }
}
