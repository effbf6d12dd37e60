package io.naap.metering.webhook;

import io.naap.contracts.secret.Secret;
import io.naap.metering.MeteringMetrics;
import io.naap.metering.job.Job;
import io.naap.store.Transactions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends what waits. An attempt is noted before it is made, so that two replicas, or one that died
 * in the middle, send a message again at its next turn at the earliest; receivers tell by its id.
 */
@ApplicationScoped
class Deliveries implements Job {
  private static final int AT_ONCE = 20;
  private static final int MOST_ERROR = 200;

  private final Transactions transactions;
  private final WebhookConfig config;
  private final MeteringMetrics metrics;
  private final Clock clock;
  private final Sealing sealing;
  private final Targets targets;
  private final HttpClient http;

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
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) config.timeout().toMillis())
                .setKeepAlive(false)
                .setMaxRedirects(0));
  }

  /** One message to one webhook. */
  private record Delivery(
      long id,
      String url,
      String messageId,
      String payload,
      int attempt,
      Secret secret,
      Optional<Secret> oldSecret) {}

  /** What an attempt came to. */
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

  @Override
  public void run() {
    List<Delivery> taken = take();
    List<Thread> sending = new ArrayList<>();
    for (Delivery delivery : taken) {
      sending.add(Thread.ofVirtual().start(() -> note(delivery, send(delivery))));
    }
    for (Thread one : sending) {
      try {
        one.join();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private List<Delivery> take() {
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    return transactions
        .run(
            tx ->
                tx.query(
                    """
                    with due as (
                      select d.id from webhook_delivery d join webhook w on w.id = d.webhook_id
                      where d.state = 'waiting' and d.next_at <= $1 and w.enabled and w.sealed is not null
                      order by d.next_at limit %d for update of d skip locked
                    )
                    update webhook_delivery d set attempts = d.attempts + 1, next_at = $2
                    from due, webhook w where d.id = due.id and w.id = d.webhook_id
                    returning d.id, w.url, d.message_id, d.payload, d.attempts, w.id as webhook_id, w.sealed,
                      case when w.old_secret_until > $1 then w.old_sealed end as old_sealed"""
                        .formatted(AT_ONCE),
                    now,
                    now.plus(config.timeout().multipliedBy(3))))
        .stream()
        .map(this::delivery)
        .toList();
  }

  private Delivery delivery(Row row) {
    String webhook = row.getString("webhook_id");
    return new Delivery(
        row.getLong("id"),
        row.getString("url"),
        row.getString("message_id"),
        row.getString("payload"),
        row.getInteger("attempts"),
        sealing.open(webhook, row.getBuffer("sealed")),
        Optional.ofNullable(row.getBuffer("old_sealed")).map(old -> sealing.open(webhook, old)));
  }

  private Attempt send(Delivery delivery) {
    return switch (targets.check(delivery.url())) {
      case Targets.Checked.Refused refused -> new Attempt(null, refused.reason());
      case Targets.Checked.Allowed allowed -> send(delivery, allowed);
    };
  }

  private Attempt send(Delivery delivery, Targets.Checked.Allowed target) {
    long seconds = clock.instant().getEpochSecond();
    String signatures =
        Signature.of(delivery.secret(), delivery.messageId(), seconds, delivery.payload())
            + delivery
                .oldSecret()
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
                    // Nothing of the answer is read: only its status counts.
                    answer.request().connection().close();
                    return answer.statusCode();
                  })
              .toCompletionStage()
              .toCompletableFuture()
              .get(config.timeout().toMillis() * 2, TimeUnit.MILLISECONDS);
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
            : attempt.error().substring(0, Math.min(MOST_ERROR, attempt.error().length()));
    transactions.run(
        tx ->
            tx.change(
                "update webhook_delivery set state = $2, next_at = $3, last_status = $4, last_error = $5,"
                    + " delivered_at = case when $2 = 'delivered' then $6::timestamptz end where id = $1",
                delivery.id(),
                state,
                next.atOffset(ZoneOffset.UTC),
                attempt.status(),
                error,
                now.atOffset(ZoneOffset.UTC)));
    metrics.delivery(attempt.isDelivered() ? "delivered" : over ? "given_up" : "failed");
  }
}
