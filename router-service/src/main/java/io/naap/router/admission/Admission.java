package io.naap.router.admission;

import io.naap.contracts.ids.Ids;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseStore;
import io.naap.router.admission.lease.RedisLeaseStore;
import io.naap.router.admission.quota.Hold;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.limit.LimitOverrides;
import io.naap.router.limit.OverridesFile;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.neighbour.ClearinghouseClient;
import io.naap.router.neighbour.ConsumptionClient;
import io.naap.router.neighbour.NeighbourGuard;
import io.naap.router.neighbour.NeighbourGuards;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * May this job run? One decision over every rate, every cap, concurrency and money. A job whose key
 * was busy lately is decided in memory, from quota that this router has leased; only when that runs
 * low is Redis asked. Without Redis, leases are used up and nothing more is admitted.
 */
@Singleton
public class Admission {
  private static final Logger LOG = Logger.getLogger(Admission.class);
  private static final long SWEEP_MILLIS = 2_000;

  /** Two lease calls, and the pause between them, must fit into it. */
  private static final Duration LEAST_PATIENCE = Duration.ofMillis(500);

  private final AdmissionConfig config;
  private final ConsumptionClient metering;
  private final ClearinghouseClient clearinghouse;
  private final Function<String, NeighbourGuard> guards;
  private final BiFunction<String, Duration, LeaseStore> stores;
  private final Vertx vertx;
  private final Ids ids;
  private final RouterMetrics metrics;
  private final QuotaTable table = new QuotaTable();
  private final OpenHolds holds = new OpenHolds();
  private final ReservationSettlement settlement = new ReservationSettlement(table, holds);
  private final PendingAdmissions pending;
  private final LeaseClient leases;

  /** Null until this router starts to lease. */
  private volatile LeaseLoop loop;

  @Inject
  Admission(
      RedisAPI redis,
      AdmissionConfig config,
      @RestClient ConsumptionClient metering,
      @RestClient ClearinghouseClient clearinghouse,
      NeighbourGuards neighbours,
      Vertx vertx,
      Ids ids,
      RouterMetrics metrics) {
    this(
        (instance, timeout) ->
            new RedisLeaseStore(
                redis,
                instance,
                config.lease(),
                config.rebuild(),
                config.givenUpAfter(),
                timeout,
                () -> 0,
                () -> ""),
        config,
        metering,
        clearinghouse,
        neighbours::guard,
        vertx,
        ids,
        metrics);
  }

  /**
   * @param stores where a router leases from, given its name and the timeout of a call
   */
  Admission(
      BiFunction<String, Duration, LeaseStore> stores,
      AdmissionConfig config,
      ConsumptionClient metering,
      ClearinghouseClient clearinghouse,
      Function<String, NeighbourGuard> guards,
      Vertx vertx,
      Ids ids,
      RouterMetrics metrics) {
    this.stores = stores;
    this.config = config;
    this.metering = metering;
    this.clearinghouse = clearinghouse;
    this.guards = guards;
    this.vertx = vertx;
    this.ids = ids;
    this.metrics = metrics;
    this.pending =
        new PendingAdmissions(table, new LimitChecker(holds, config.settleAbovePercent()));
    this.leases = new LeaseClient(table, config.emptyFor());
    table.override(LimitOverrides.read("", alwaysShadow()));
  }

  private Set<String> alwaysShadow() {
    return config.shadow().orElse(Set.of());
  }

  /**
   * Begins to lease.
   *
   * @param instance a name that no other router has, and that a later process of this one has too
   */
  public void start(String instance, SpooledUsage spooled) {
    if (config.patience().compareTo(LEAST_PATIENCE) < 0) {
      throw new IllegalStateException(
          "naap.admission.patience must be at least " + LEAST_PATIENCE.toMillis() + " ms");
    }
    // A call that fails is made once more while a job waits.
    Duration timeout = config.patience().minusMillis(LeaseLoop.PAUSE_MILLIS).dividedBy(2);
    LeaseStore store = stores.apply(instance, timeout);
    Context context = vertx.getOrCreateContext();
    CommittedUsage committed = new CommittedUsage(spooled, leases, vertx, config.patience());
    LeaseLoop started =
        new LeaseLoop(leases, store, pending, spooled, ids, context, config.patience());
    CounterSeeding seeding =
        new CounterSeeding(
            metering, guards.apply("metering"), committed, leases, context, started::unseeded);
    TenantFunding funding =
        new TenantFunding(
            clearinghouse,
            guards.apply("clearinghouse"),
            store,
            leases,
            table,
            committed,
            context,
            config);
    loop = started;
    metrics.openHolds(holds::size);
    vertx.setPeriodic(SWEEP_MILLIS, timer -> vertx.executeBlocking(this::sweep));
    config
        .overrides()
        .ifPresent(path -> watch(new OverridesFile(path, alwaysShadow(), table::override)));
    started.start(seeding::seed, funding::refill);
  }

  private void watch(OverridesFile file) {
    vertx.setPeriodic(
        config.overridesEvery().toMillis(),
        timer ->
            vertx.executeBlocking(
                () -> {
                  file.look();
                  return null;
                },
                true));
  }

  private Void sweep() {
    long nanos = System.nanoTime();
    int expired = settlement.expire(nanos);
    if (expired > 0) {
      LOG.warnf("gave back expired holds, count=%d", expired);
    }
    table.sweep(nanos);
    return null;
  }

  /** Gives all leases back that are not in use, as when the router stops. */
  public void giveBack() {
    table.giveAllBack(System.nanoTime());
    loop.kick();
  }

  /** Makes no lease call any more: the Redis client ends with the application. */
  public void stop() {
    loop.stop();
  }

  // --- jobs ---

  /** Decides a job; most often at once and without any input or output. */
  public Future<Outcome> admit(ReservationRequest request) {
    long nanos = System.nanoTime();
    if (nanos - leases.heardNanos() > config.givenUpAfter().toNanos() && leases.isWelcome()) {
      return Future.succeededFuture(counted(Outcome.Refused.unavailable()));
    }
    return switch (pending.decide(request, nanos)) {
      case Decision.Decided decided -> Future.succeededFuture(counted(decided.outcome()));
      case Decision.Asking asking -> {
        LeaseLoop running = loop;
        if (running != null) {
          running.kick();
        }
        yield asking.waiting().outcome.future().map(this::counted);
      }
    };
  }

  private Outcome counted(Outcome outcome) {
    switch (outcome) {
      case Outcome.Admitted admitted -> {
        if (table.overrides().hasShadows()) {
          admitted.status().shadowViolations().forEach(metrics::shadowRefused);
        }
      }
      case Outcome.Refused refused -> metrics.refused(refused.reason().name());
    }
    return outcome;
  }

  /**
   * Settles a hold once, with what was really used.
   *
   * @param position of the usage event in the spool
   */
  public void settle(Hold hold, Units units, NanoUsd cost, long position) {
    settlement.settle(hold, units, cost, position, System.nanoTime());
  }

  /** A hold of this router, by its id; null when another router took it, or it was settled. */
  public Hold hold(String id) {
    return holds.hold(id);
  }

  /** True while this router has the concurrency slot of a stream. */
  public boolean hasSlot(String slot) {
    return holds.slot(slot) != null;
  }

  /** Gives the slot of a stream back, if this router has it. */
  public void releaseSlot(String slot) {
    settlement.releaseSlot(slot);
  }

  /** Jobs that were admitted and are not settled. */
  public int openHolds() {
    return holds.size();
  }

  /** The first usage event that the spool must keep, because Redis has not heard of it. */
  public long unreportedFrom() {
    return loop.hasRecovered() ? leases.unreportedFrom() : 0;
  }
}
