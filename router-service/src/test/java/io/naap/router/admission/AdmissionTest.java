package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.TenantConsumption;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.lease.LeaseStore;
import io.naap.router.admission.quota.Hold;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.neighbour.ClearinghouseClient;
import io.naap.router.neighbour.ConsumptionClient;
import io.naap.router.neighbour.NeighbourGuard;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole of admission, on a model of Redis and without any server. */
@Timeout(60)
class AdmissionTest {
  private final Vertx vertx = Vertx.vertx();
  private final OneRouter requests = new OneRouter();
  private final LeaseModel redis = new LeaseModel(30_000, 0, 3_600_000);
  private final AtomicInteger asked = new AtomicInteger();
  private volatile boolean away;
  private volatile NanoUsd ledger = NanoUsd.ZERO;

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private LeaseStore store(String instance) {
    LeaseStore model = redis.of(instance, System::currentTimeMillis);
    return new LeaseStore() {
      @Override
      public Future<LeaseReply> lease(LeaseCall call) {
        return away ? Future.failedFuture("away") : model.lease(call);
      }

      @Override
      public Future<Void> fund(String epoch, String tenant, String funding, NanoUsd total) {
        return model.fund(epoch, tenant, funding, total);
      }
    };
  }

  private Uni<Funding> fund(FundRequest request) {
    asked.incrementAndGet();
    return Uni.createFrom().item(new Funding("fnd_1", request.tenantId(), request.epoch(), ledger));
  }

  private Admission started() {
    ConsumptionClient metering =
        new ConsumptionClient() {
          @Override
          public Uni<KeyConsumption> consumption(String keyId, String tenantId) {
            return Uni.createFrom().failure(new IllegalStateException("away"));
          }

          @Override
          public Uni<TenantConsumption> consumption(String tenantId) {
            return Uni.createFrom().failure(new IllegalStateException("away"));
          }
        };
    ClearinghouseClient clearinghouse = this::fund;
    Admission admission =
        new Admission(
            (instance, timeout) -> store(instance),
            new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(AdmissionConfig.class)
                .build()
                .getConfigMapping(AdmissionConfig.class),
            metering,
            clearinghouse,
            neighbour -> new CalledTwice(),
            vertx,
            new Ids(Clock.systemUTC(), new Random(1)),
            new RouterMetrics(new SimpleMeterRegistry()));
    admission.start("r", new NothingSpooled());
    return admission;
  }

  /** Repeats a failed call once. */
  private static final class CalledTwice implements NeighbourGuard {
    @Override
    public <T> Future<T> call(Supplier<Uni<T>> call, Context context) {
      return Future.fromCompletionStage(
          call.get().onFailure().retry().atMost(1).subscribe().asCompletionStage(), context);
    }
  }

  private static final class NothingSpooled implements SpooledUsage {
    @Override
    public long uncommitted() {
      return 0;
    }

    @Override
    public void left(Consumer<UsageRecorded> reader) {}

    @Override
    public boolean isStored(long position) {
      return true;
    }

    @Override
    public boolean isStored(String instance, long position) {
      return true;
    }
  }

  private Outcome admit(Admission admission, KeyLimits limits, long cost)
      throws InterruptedException, ExecutionException, TimeoutException {
    return admission
        .admit(requests.request(limits, 1, cost))
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void admitsUpToTheLimitAndAgainWhenAJobIsSettled() throws Exception {
    Admission admission = started();
    KeyLimits one = OneRouter.atOnce(1);
    Hold hold = ((Outcome.Admitted) admit(admission, one, 0)).hold();
    assertThat(admission.openHolds()).isEqualTo(1);
    assertThat(((Outcome.Refused) admit(admission, one, 0)).reason())
        .isEqualTo(Outcome.Reason.LIMIT);

    admission.settle(hold, Units.of(Unit.REQUESTS, 1), NanoUsd.ZERO, 1);

    assertThat(admission.openHolds()).isZero();
    assertThat(admit(admission, one, 0)).isInstanceOf(Outcome.Admitted.class);
  }

  @Test
  void asksTheLedgerForATenantsMoneyOnceForManyJobs() throws Exception {
    ledger = NanoUsd.ofNanos(1_000_000_000);
    Admission admission = started();

    for (int job = 0; job < 5; job++) {
      assertThat(admit(admission, KeyLimits.NONE, 1_000)).isInstanceOf(Outcome.Admitted.class);
    }

    assertThat(asked).hasValue(1);
  }

  @Test
  void refusesAJobWhoseTenantHasNoMoney() throws Exception {
    Outcome outcome = admit(started(), KeyLimits.NONE, 1_000);

    assertThat(((Outcome.Refused) outcome).reason()).isEqualTo(Outcome.Reason.NO_MONEY);
  }

  @Test
  void tellsAJobToComeBackWhenMeteringDoesNotSayWhereCountersBegin() throws Exception {
    Outcome outcome = admit(started(), OneRouter.lifetime(10), 0);

    assertThat(((Outcome.Refused) outcome).reason()).isEqualTo(Outcome.Reason.UNAVAILABLE);
  }

  @Test
  void usesLeasesUpWithoutRedisAndThenTellsJobsToComeBack() throws Exception {
    Admission admission = started();
    KeyLimits two = OneRouter.atOnce(2);
    admit(admission, two, 0);
    away = true;

    Outcome last = admit(admission, two, 0);
    for (int job = 0; job < 3 && last instanceof Outcome.Admitted; job++) {
      last = admit(admission, two, 0);
    }

    assertThat(last)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused ->
                assertThat(refused.reason())
                    .isIn(Outcome.Reason.UNAVAILABLE, Outcome.Reason.LIMIT));
  }
}
