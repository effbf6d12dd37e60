package io.naap.router.admission;

import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.TenantConsumption;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.neighbour.ConsumptionClient;
import io.naap.router.neighbour.NeighbourGuard;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Asks metering what a key or tenant has used, when Redis does not know: counters of days, months
 * and lifetimes begin there.
 */
final class CounterSeeding {
  private static final Logger LOG = Logger.getLogger(CounterSeeding.class);
  private static final long PAUSE_MILLIS = 100;

  private final ConsumptionClient metering;
  private final NeighbourGuard guard;
  private final CommittedUsage committed;
  private final LeaseClient leases;
  private final Context context;
  private final Consumer<SubjectQuotas> unseeded;

  /**
   * @param unseeded takes a subject of which metering does not say where its counters begin
   */
  CounterSeeding(
      ConsumptionClient metering,
      NeighbourGuard guard,
      CommittedUsage committed,
      LeaseClient leases,
      Context context,
      Consumer<SubjectQuotas> unseeded) {
    this.metering = metering;
    this.guard = guard;
    this.committed = committed;
    this.leases = leases;
    this.context = context;
    this.unseeded = unseeded;
  }

  /** Asks metering; when it has answered, the subject is in line for the next lease call. */
  Future<Void> seed(SubjectQuotas subject) {
    String epoch = leases.epoch();
    // Redis did not take the last answer, which was about another day: around midnight, or where
    // clocks differ.
    Future<Void> begun =
        subject.seed() == null
            ? Future.succeededFuture()
            : context.owner().timer(PAUSE_MILLIS).mapEmpty();
    return begun
        .compose(now -> committed.upTo(subject.ownPosition()))
        .compose(now -> consumption(subject))
        .onComplete(
            done -> {
              leases.seeded(subject, done.succeeded() ? done.result() : null, epoch);
              if (done.failed()) {
                LOG.debugf(done.cause(), "metering did not say where counters begin");
                unseeded.accept(subject);
              }
            })
        .mapEmpty();
  }

  private Future<CounterSeed> consumption(SubjectQuotas subject) {
    return subject.isKey()
        ? guard
            .call(() -> metering.consumption(subject.id(), subject.tenant().id()), context)
            .map(CounterSeeding::seedOf)
        : guard.call(() -> metering.consumption(subject.id()), context).map(CounterSeeding::seedOf);
  }

  private static CounterSeed seedOf(KeyConsumption used) {
    return new CounterSeed(used.day(), used.today(), used.month(), used.lifetime());
  }

  private static CounterSeed seedOf(TenantConsumption used) {
    return new CounterSeed(used.day(), used.today(), used.month(), used.lifetime());
  }
}
