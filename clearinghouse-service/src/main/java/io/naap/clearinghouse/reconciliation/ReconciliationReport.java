package io.naap.clearinghouse.reconciliation;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import java.time.Instant;
import java.util.List;

/**
 * Revenue against network cost, from one instant up to, not including, another.
 *
 * @param ethUsd dollars per ether the cost is shown at
 * @param totals over all pages and what is unattributed
 * @param unattributed cost of gateways on which no tenant was metered
 */
public record ReconciliationReport(
    Instant from,
    Instant to,
    String ethUsd,
    Figures totals,
    List<Unattributed> unattributed,
    List<Row> data,
    String nextCursor) {
  public ReconciliationReport {
    unattributed = List.copyOf(unattributed);
    data = List.copyOf(data);
  }

  /**
   * The sums.
   *
   * @param networkCost expected value of the tickets signed
   * @param margin revenue less network cost, in dollars
   */
  public record Figures(NanoUsd revenue, Wei networkCost, NanoUsd networkCostUsd, NanoUsd margin) {
    static final Figures NONE = new Figures(NanoUsd.ZERO, Wei.ZERO, NanoUsd.ZERO, NanoUsd.ZERO);

    Figures plus(NanoUsd addedRevenue, Wei addedCost, NanoUsd addedCostUsd) {
      return new Figures(
          revenue.plus(addedRevenue),
          networkCost.plus(addedCost),
          networkCostUsd.plus(addedCostUsd),
          margin.plus(addedRevenue).minus(addedCostUsd));
    }
  }

  /** One tenant and capability. */
  public record Row(
      String tenantId,
      String capability,
      NanoUsd revenue,
      Wei networkCost,
      NanoUsd networkCostUsd,
      NanoUsd margin) {}

  /** Cost that no tenant can be named for. */
  public record Unattributed(String gateway, Wei networkCost, NanoUsd networkCostUsd) {}
}
