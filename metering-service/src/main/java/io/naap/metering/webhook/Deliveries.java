package io.naap.metering.webhook;

import io.naap.contracts.secret.Secret;
import io.naap.metering.job.Job;
import io.naap.metering.metrics.MeteringMetrics;
import io.naap.store.Transactions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Sends queued webhook messages. An attempt is recorded in Postgres, with the time of the next one,
 * before it is made: another replica, or this one after a crash, sends the message again no sooner
 * than that. Receivers recognize a repeated message by its id.
 */
@ApplicationScoped
class Deliveries implements Job {
  private static final Logger LOG = Logger.getLogger(Deliveries.class);
  private static final int MOST_ERROR = 200;

  /** The most deliveries that one run considers. */
  private static final int LOOKED_AT = 1_000;

  /**
   * Selects due deliveries. It steps by the index from one webhook with waiting deliveries to the
   * next, so that the long queue of one webhook is not read.
   */
  private static final String DUE =
      """
      with recursive hook as (
        (select webhook_id from webhook_delivery where state = 'waiting' order by webhook_id limit 1)
        union all
        select (select d.webhook_id from webhook_delivery d
          where d.state = 'waiting' and d.webhook_id > hook.webhook_id order by d.webhook_id limit 1)
        from hook where hook.webhook_id is not null
      ), due as (
        select d.id, d.next_at, w.tenant_id, w.url,
          row_number() over (partition by w.tenant_id order by d.next_at, d.id) as turn
        from hook join webhook w on w.id = hook.webhook_id and w.enabled and w.sealed is not null
        cross join lateral (
          select id, next_at from webhook_delivery one
          where one.webhook_id = w.id and one.state = 'waiting' and one.next_at <= $1
          order by one.next_at, one.id limit %d) d
        where w.tenant_id <> all($2)
      )
      select id, tenant_id, url from due where turn <= %d order by next_at, id limit %d\
      """;

  private static final String TAKE =
      """
      with due as (
        select id from webhook_delivery where id = any($3) and state = 'waiting' and next_at <= $1
        for update skip locked
      )
      update webhook_delivery d set attempts = d.attempts + 1, next_at = $2
      from due, webhook w where d.id = due.id and w.id = d.webhook_id
      returning d.id, w.url, d.message_id, d.payload, d.attempts, w.id as webhook_id, w.sealed,
        case when w.old_secret_until > $1 then w.old_sealed end as old_sealed\
      """;

  private final Transactions transactions;
  private final WebhookConfig config;
  private final MeteringMetrics metrics;
  private final Clock clock;
  private final Sealing sealing;
  private final Targets targets;
  private final HttpClient http;
  private final InFlight inFlight;

  Deliveries(
      Transactions transactions,
      WebhookConfig config,
      MeteringMetrics metrics,
      Clock clock,
      Sealing sealing,
      Targets.Resolver resolver,
      Vertx vertx) {
    this.transactions = transactions;
    this.config = config;
    this.metrics = metrics;
    this.clock = clock;
    this.sealing = sealing;
    this.targets = new Targets(config.allowPrivateTargets(), resolver);
    this.inFlight =
        new InFlight(config.atOnce(), config.atOncePerTenant(), config.atOncePerTarget());
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) config.timeout().toMillis())
                .setKeepAlive(false)
                .setMaxPoolSize(config.atOncePerTarget())
                .setMaxRedirects(0));
  }

  /** A message that is due. */
  private record Candidate(long id, String tenant, String target) {}

  /** One attempt to send a message to a webhook. */
  private record Delivery(
      Candidate due,
      String url,
      String messageId,
      String payload,
      int attempt,
      String webhook,
      Buffer secret,
      Optional<Buffer> oldSecret) {}

  /** The outcome of an attempt: a status, or an error when there was no answer. */
  private record Attempt(Integer status, String error) {
    boolean isDelivered() {
      return status != null && status >= 200 && status < 300;
    }
  }

  @Override
  public String name() {
    return "deliveries";
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  /**
   * Starts sending what is due, each delivery on its own virtual thread, and does not wait for the
   * outcomes.
   */
  @Override
  public void run() {
    giveUpOld();
    for (Delivery delivery : take()) {
      Thread.ofVirtual().name("delivery").start(() -> deliver(delivery));
    }
  }

  /** For tests: waits until all started attempts have ended. */
  void awaitEnds() throws InterruptedException {
    inFlight.awaitNone();
  }

  private void deliver(Delivery delivery) {
    Attempt attempt;
    try {
      attempt = send(delivery);
    } catch (RuntimeException failed) {
      // Catches everything at the boundary of an attempt: any failure uses up one of the message's
      // attempts.
      LOG.debugf(failed, "a delivery could not be sent, delivery=%d", delivery.due().id());
      attempt = new Attempt(null, "it could not be sent");
    }
    try {
      note(delivery, attempt);
    } catch (RuntimeException away) {
      LOG.warnf(away, "how a delivery ended is not noted, delivery=%d", delivery.due().id());
    } finally {
      inFlight.leave(delivery.due().tenant(), delivery.due().target());
    }
  }

  /**
   * Gives up deliveries that were not sent in time, for example because their webhook is disabled,
   * or whose attempts are used up.
   */
  private void giveUpOld() {
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    transactions.run(
        tx ->
            tx.change(
                """
                update webhook_delivery set state = 'given_up', last_error = coalesce(last_error, 'not sent in time')
                where id in (select id from webhook_delivery where state = 'waiting' and next_at <= $1
                  and (next_at < $2 or attempts > $3) order by next_at limit 1000 for update skip locked)\
                """,
                now,
                now.minus(config.longest()),
                config.retries().size()));
  }

  /**
   * Takes the oldest due deliveries, as many as the limits for each tenant, each target and this
   * replica allow.
   */
  private List<Delivery> take() {
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    List<Candidate> candidates =
        transactions
            .run(
                tx ->
                    tx.query(
                        DUE.formatted(
                            config.atOncePerTenant(), config.atOncePerTenant(), LOOKED_AT),
                        now,
                        inFlight.fullTenants().toArray(String[]::new)))
            .stream()
            .map(
                row ->
                    new Candidate(
                        row.getLong("id"),
                        row.getString("tenant_id"),
                        target(row.getString("url"))))
            .filter(candidate -> inFlight.enter(candidate.tenant, candidate.target))
            .toList();
    if (candidates.isEmpty()) {
      return List.of();
    }
    Map<Long, Candidate> entered =
        candidates.stream().collect(Collectors.toMap(Candidate::id, candidate -> candidate));
    try {
      return transactions
          .run(
              tx ->
                  tx.query(
                      TAKE,
                      now,
                      now.plus(config.timeout().multipliedBy(3)),
                      entered.keySet().toArray(Long[]::new)))
          .stream()
          .map(row -> delivery(row, entered.remove(row.getLong("id"))))
          .toList();
    } finally {
      // Candidates that are left were taken by another replica.
      entered.values().forEach(other -> inFlight.leave(other.tenant, other.target));
    }
  }

  private static String target(String url) {
    try {
      URI uri = URI.create(url);
      return uri.getHost() + ":" + uri.getPort();
    } catch (IllegalArgumentException unreadable) {
      return url;
    }
  }

  private Delivery delivery(Row row, Candidate candidate) {
    return new Delivery(
        candidate,
        row.getString("url"),
        row.getString("message_id"),
        row.getString("payload"),
        row.getInteger("attempts"),
        row.getString("webhook_id"),
        row.getBuffer("sealed"),
        Optional.ofNullable(row.getBuffer("old_sealed")));
  }

  private Attempt send(Delivery delivery) {
    return switch (targets.check(delivery.url())) {
      case Targets.Checked.Refused refused -> new Attempt(null, refused.reason());
      case Targets.Checked.Allowed allowed -> send(delivery, allowed);
    };
  }

  private Attempt send(Delivery delivery, Targets.Checked.Allowed target) {
    long seconds = clock.instant().getEpochSecond();
    // A secret that cannot be decrypted fails only this attempt.
    Secret secret = sealing.open(delivery.webhook(), delivery.secret());
    String signatures =
        Signature.of(secret, delivery.messageId(), seconds, delivery.payload())
            + delivery
                .oldSecret()
                .map(stored -> sealing.open(delivery.webhook(), stored))
                .map(
                    old ->
                        " " + Signature.of(old, delivery.messageId(), seconds, delivery.payload()))
                .orElse("");
    String path =
        (target.uri().getRawPath() == null || target.uri().getRawPath().isEmpty()
                ? "/"
                : target.uri().getRawPath())
            + (target.uri().getRawQuery() == null ? "" : "?" + target.uri().getRawQuery());
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setServer(
                SocketAddress.inetSocketAddress(target.port(), target.address().getHostAddress()))
            .setHost(target.uri().getHost())
            .setPort(target.port())
            .setSsl("https".equals(target.uri().getScheme()))
            .setURI(path)
            .setFollowRedirects(false)
            .setTimeout(config.timeout().toMillis())
            .putHeader("content-type", "application/json")
            .putHeader("user-agent", "NaaP-Webhooks/1")
            .putHeader("webhook-id", delivery.messageId())
            .putHeader("webhook-timestamp", Long.toString(seconds))
            .putHeader("webhook-signature", signatures);
    try {
      int status =
          http.request(options)
              .compose(request -> request.send(delivery.payload()))
              .map(
                  answer -> {
                    // The body of the response is not read; only its status counts.
                    answer.request().connection().close();
                    return answer.statusCode();
                  })
              .toCompletionStage()
              .toCompletableFuture()
              .get(config.timeout().toMillis() + 1_000, TimeUnit.MILLISECONDS);
      return new Attempt(status, null);
    } catch (ExecutionException failed) {
      return new Attempt(null, String.valueOf(failed.getCause().getMessage()));
    } catch (TimeoutException slow) {
      return new Attempt(null, "no answer in time");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return new Attempt(null, "stopped");
    }
  }

  private void note(Delivery delivery, Attempt attempt) {
    Instant now = clock.instant();
    boolean over = delivery.attempt() > config.retries().size();
    String state = attempt.isDelivered() ? "delivered" : over ? "given_up" : "waiting";
    Instant next =
        over || attempt.isDelivered()
            ? now
            : now.plus(config.retries().get(delivery.attempt() - 1));
    String error =
        attempt.error() == null
            ? null
            : printable(
                attempt.error().substring(0, Math.min(MOST_ERROR, attempt.error().length())));
    transactions.run(
        tx ->
            tx.change(
                "update webhook_delivery set state = $2, next_at = $3, last_status = $4, last_error"
                    + " = $5, delivered_at = case when $2 = 'delivered' then $6::timestamptz end"
                    + " where id = $1",
                delivery.due().id(),
                state,
                next.atOffset(ZoneOffset.UTC),
                attempt.status(),
                error,
                now.atOffset(ZoneOffset.UTC)));
    metrics.delivery(attempt.isDelivered() ? "delivered" : over ? "given_up" : "failed");
  }

  /**
   * Replaces control characters and lone surrogates by spaces: a receiver's error text may hold
   * them, and Postgres cannot store a NUL.
   */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}\\p{Cs}]", " ");
  }
}
