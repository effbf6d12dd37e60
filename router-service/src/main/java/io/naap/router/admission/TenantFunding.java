package io.naap.router.admission;

import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseStore;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.TenantQuotas;
import io.naap.router.neighbour.ClearinghouseClient;
import io.naap.router.neighbour.NeighbourGuard;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks the ledger to set money aside for tenants whose jobs wait for it, and puts it into the
 * tenant's pool in Redis. One question at a time for a tenant; its answer is for all who wait.
 */
final class TenantFunding {
  private final ClearinghouseClient ledger;
  private final NeighbourGuard guard;
  private final LeaseStore store;
  private final LeaseClient leases;
  private final QuotaTable table;
  private final CommittedUsage committed;
  private final Context context;
  private final NanoUsd step;
  private final Duration emptyFor;
  private final Map<String, Future<Void>> running = new ConcurrentHashMap<>();

  TenantFunding(
      ClearinghouseClient ledger,
      NeighbourGuard guard,
      LeaseStore store,
      LeaseClient leases,
      QuotaTable table,
      CommittedUsage committed,
      Context context,
      AdmissionConfig config) {
    this.ledger = ledger;
    this.guard = guard;
    this.store = store;
    this.leases = leases;
    this.table = table;
    this.committed = committed;
    this.context = context;
    this.step = NanoUsd.parse(config.fundingStep());
    this.emptyFor = config.emptyFor();
  }

  /**
   * Completes on the context when the tenant's pool has what the ledger gives. The first to ask
   * since the last answer asks for all who wait, and counts as refilled: an answer that is too
   * small is final for it, while a job that joins the question may ask once more.
   */
  Future<Void> refill(PendingAdmission waiting) {
    TenantQuotas tenant = waiting.tenant;
    waiting.refilling = true;
    if (tenant.isEmpty(System.nanoTime())) {
      waiting.refilled = true;
      return Future.succeededFuture();
    }
    Future<Void> joined = running.get(tenant.id());
    if (joined == null) {
      waiting.refilled = true;
      joined = ask(tenant);
      running.put(tenant.id(), joined);
      Future<Void> begun = joined;
      joined.onComplete(done -> running.remove(tenant.id(), begun));
    }
    return joined;
  }

  /** Asks for what waiting jobs need and one step more, less what is unused in the pool. */
  private Future<Void> ask(TenantQuotas tenant) {
    NanoUsd pending = table.pendingMoney(tenant);
    NanoUsd unused = NanoUsd.ofNanos(Math.min(tenant.inPool(), pending.nanos()));
    NanoUsd wanted = pending.plus(step).minus(unused);
    NanoUsd total = NanoUsd.ofNanos(tenant.total());
    String epoch = leases.epoch();
    Future<Void> ready = total.isZero() ? committed.upTo(0) : Future.succeededFuture();
    return ready
        .compose(now -> ask(new FundRequest(tenant.id(), epoch, total, wanted)))
        .compose(
            granted ->
                store
                    .fund(granted.epoch(), tenant.id(), granted.fundingId(), granted.total())
                    .map(granted))
        .map(
            granted -> {
              if (granted.total().compareTo(total) <= 0) {
                // Believed for a moment only, so that a top-up is seen however busy the tenant is.
                tenant.emptyUntil(System.nanoTime() + emptyFor.toNanos());
              }
              return null;
            });
  }

  private Future<Funding> ask(FundRequest request) {
    return guard.call(() -> ledger.fund(request), context);
  }
}
