package io.naap.router.proxy;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.neighbour.TenantPlans;

/** What one job is billed: its units within what was held, and their price by the tenant's plan. */
final class JobBill {
  private final AdmittedJob job;
  private final RouterMetrics metrics;
  private Units priced = Units.NONE;
  private NanoUsd price = NanoUsd.ZERO;

  JobBill(AdmittedJob job, RouterMetrics metrics) {
    this.job = job;
    this.metrics = metrics;
  }

  /** Measured units, cut to what the hold covers; the difference is counted in a metric. */
  Units billable(Units measured) {
    if (measured.isNone()) {
      return measured;
    }
    Units billed = job.granted().hold().billable(measured);
    if (!billed.equals(measured)) {
      metrics.unbilled(measured, billed);
    }
    return billed;
  }

  /** The units that were held: for a job whose use nobody knows. */
  Units held() {
    return billable(job.granted().held());
  }

  /** The price of units; asked for the same units again, it is not computed again. */
  NanoUsd cost(Units units) {
    if (!units.equals(priced)) {
      price = TenantPlans.cost(job.routed().plan(), job.capability(), job.model(), units);
      priced = units;
    }
    return price;
  }
}
