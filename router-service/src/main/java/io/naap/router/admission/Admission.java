package io.naap.router.admission;

import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.RouterMetrics;
import io.naap.router.admission.AdmissionStore.Reply;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * May this job run? One decision over every rate, every cap, concurrency and money. Without an
 * answer of the store nothing is admitted.
 */
@ApplicationScoped
public class Admission {
  private static final Logger LOG = Logger.getLogger(Admission.class);
  private static final int ATTEMPTS = 12;
  private static final int SWEPT_AT_ONCE = 200;

  private final AdmissionStore store;
  private final AdmissionConfig config;
  private final ConsumptionClient metering;
  private final ClearinghouseClient clearinghouse;
  private final Vertx vertx;
  private final Clock clock;
  private final Ids ids;
  private final RouterMetrics metrics;
  private final Map<String, Future<Funding>> funding = new ConcurrentHashMap<>();
  private static final int MOST_REMEMBERED = 10_000;

  private final Map<String, Long> emptyUntil = new ConcurrentHashMap<>();

  Admission(
      RedisAPI redis,
      AdmissionConfig config,
      @RestClient ConsumptionClient metering,
      @RestClient ClearinghouseClient clearinghouse,
      Vertx vertx,
      Clock clock,
      Ids ids,
      RouterMetrics metrics) {
    this.store = new AdmissionStore(redis);
    this.config = config;
    this.metering = metering;
    this.clearinghouse = clearinghouse;
    this.vertx = vertx;
    this.clock = clock;
    this.ids = ids;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(config.sweepEvery().toMillis(), timer -> sweep());
  }

  private void sweep() {
    // Failing here is harmless: the next sweep, or another router's, does the same.
    store
        .sweep(SWEPT_AT_ONCE, 0)
        .onSuccess(
            given -> {
              if (given > 0) {
                LOG.warnf("gave back expired holds, count=%d", given);
              }
            });
  }

  public Future<Outcome> admit(Demand demand) {
    return attempt(demand, ATTEMPTS)
        .recover(
            failure -> {
              LOG.debugf(failure, "admission store unavailable");
              return Future.succeededFuture(unavailable());
            })
        .onSuccess(
            outcome -> {
              if (outcome instanceof Outcome.Refused refused) {
                metrics.refused(refused.reason().name());
              }
            });
  }

  private static Outcome.Refused unavailable() {
    return new Outcome.Refused(
        Outcome.Reason.UNAVAILABLE, OptionalLong.of(1), List.of(), List.of());
  }

  private Future<Outcome> attempt(Demand demand, int left) {
    if (left == 0) {
      return Future.succeededFuture(unavailable());
    }
    return store
        .admit(demand, 0)
        .compose(
            reply ->
                switch (reply) {
                  case Reply.Taken taken ->
                      Future.succeededFuture(
                          new Outcome.Admitted(
                              demand.hold(),
                              taken.fundingId().isEmpty()
                                  ? Optional.empty()
                                  : Optional.of(taken.fundingId()),
                              taken.policies()));
                  case Reply.Limited limited -> Future.succeededFuture(limited(limited));
                  case Reply.NotSeeded notSeeded ->
                      seed(demand, notSeeded).compose(done -> attempt(demand, left - 1));
                  case Reply.MoneyShort money ->
                      refill(demand, money)
                          .compose(
                              changed ->
                                  changed
                                      ? attempt(demand, left - 1)
                                      : Future.succeededFuture(noMoney()));
                });
  }

  private static Outcome limited(Reply.Limited limited) {
    List<PolicyState> violated = limited.policies().stream().filter(PolicyState::violated).toList();
    // A window that never starts anew gives no time to come back at.
    OptionalLong retryAfter =
        violated.stream().anyMatch(policy -> policy.resetSeconds().isEmpty())
            ? OptionalLong.empty()
            : violated.stream().mapToLong(policy -> policy.resetSeconds().getAsLong()).max();
    return new Outcome.Refused(
        Outcome.Reason.LIMIT,
        retryAfter,
        violated.stream().map(PolicyState::name).toList(),
        limited.policies());
  }

  private static Outcome noMoney() {
    return new Outcome.Refused(Outcome.Reason.NO_MONEY, OptionalLong.empty(), List.of(), List.of());
  }

  private Future<Void> seed(Demand demand, Reply.NotSeeded missing) {
    return missing.ofKey()
        ? answer(metering.consumption(demand.keyId(), demand.tenantId())).compose(store::seed)
        : answer(metering.consumption(demand.tenantId())).compose(store::seed);
  }

  private <T> Future<T> answer(Uni<T> asked) {
    return Future.fromCompletionStage(
        asked.onFailure().retry().atMost(1).subscribe().asCompletionStage(),
        vertx.getOrCreateContext());
  }

  /** True when asking again may help. */
  private Future<Boolean> refill(Demand demand, Reply.MoneyShort money) {
    String tenant = demand.tenantId();
    if (emptyUntil.getOrDefault(tenant, 0L) > clock.millis()) {
      return Future.succeededFuture(false);
    }
    NanoUsd step = NanoUsd.parse(config.fundingStep());
    NanoUsd wanted = demand.cost().minus(money.available()).plus(step);
    // One question per tenant at a time; who comes meanwhile shares the answer.
    Future<Funding> running = funding.get(tenant);
    if (running != null) {
      return running.map(granted -> true);
    }
    Future<Funding> asked =
        store
            .epoch(ids.next(IdKind.FUNDING))
            .compose(epoch -> ask(new FundRequest(tenant, epoch, money.total(), wanted)))
            .compose(
                granted ->
                    store
                        .fund(granted.epoch(), tenant, granted.fundingId(), granted.total())
                        .map(known -> granted));
    funding.put(tenant, asked);
    asked.onComplete(done -> funding.remove(tenant, asked));
    return asked.map(
        granted -> {
          boolean more = granted.total().compareTo(money.total()) > 0;
          if (!more) {
            rememberEmpty(tenant);
          }
          return more;
        });
  }

  /** Only the ledger's own answer counts, so that a top-up is seen however busy the tenant is. */
  private void rememberEmpty(String tenant) {
    if (emptyUntil.size() > MOST_REMEMBERED) {
      emptyUntil.clear();
    }
    emptyUntil.put(tenant, clock.millis() + config.emptyFor().toMillis());
  }

  private Future<Funding> ask(FundRequest request) {
    return Future.fromCompletionStage(
        clearinghouse
            .fund(request)
            .onFailure()
            .retry()
            .withBackOff(Duration.ofMillis(50))
            .atMost(1)
            .subscribe()
            .asCompletionStage(),
        vertx.getOrCreateContext());
  }

  /** Ends a hold with what was really used; a failed future is to be tried again. */
  public Future<Void> settle(String hold, Units units, NanoUsd cost) {
    return store.settle(hold, units, cost, 0).mapEmpty();
  }
}
