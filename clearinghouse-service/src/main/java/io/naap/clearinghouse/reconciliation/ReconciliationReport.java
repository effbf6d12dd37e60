package io.naap.clearinghouse.reconciliation;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
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
 * @param differences between metering's charges and the ledger's that are not healed yet
 */
public record ReconciliationReport(
    Instant from,
    Instant to,
    String ethUsd,
    Figures totals,
    List<Unattributed> unattributed,
    List<Difference> differences,
    List<Row> data,
    String nextCursor) {
  public ReconciliationReport {
    unattributed = List.copyOf(unattributed);
    differences = List.copyOf(differences);
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

  /**
   * One tenant and capability.
   *
   * @param capability of jobs; {@code fee: ...} and {@code reversals} for what is of no single job
   * @param revenue charged, less what was given back; the sponsors' part included
   */
  public record Row(
      String tenantId,
      String capability,
      NanoUsd revenue,
      Wei networkCost,
      NanoUsd networkCostUsd,
      NanoUsd margin) {}

  /** One tenant, capability, pool and UTC day. */
  public record Daily(
      String day, String tenantId, String capability, String pool, @JsonUnwrapped Money money) {}

  /**
   * What a row came to.
   *
   * @param revenue charged, less what was given back; the sponsors' part included
   * @param sponsored of it, by sponsors
   * @param networkCost expected value of the tickets; a gateway's are shared by the live
   *     milliseconds metered on it that day
   */
  public record Money(
      NanoUsd revenue,
      NanoUsd sponsored,
      Wei networkCost,
      NanoUsd networkCostUsd,
      NanoUsd margin) {}

  /**
   * Something that does not add up by itself, and by how much.
   *
   * @param name what it is
   * @param explanation for a person
   */
  public record Difference(String name, String amount, String currency, String explanation) {}

  /**
   * The report by day.
   *
   * @param expectedValue of all tickets of the time
   * @param redeemed by orchestrators, on the chain, in the time
   * @param differences named, never hidden in a total
   */
  public record Days(
      Instant from,
      Instant to,
      String ethUsd,
      Figures totals,
      Wei expectedValue,
      Wei redeemed,
      List<Difference> differences,
      List<Daily> data) {
    public Days {
      differences = List.copyOf(differences);
      data = List.copyOf(data);
    }
  }

  /** Cost that no tenant can be named for. */
  public record Unattributed(String gateway, Wei networkCost, NanoUsd networkCostUsd) {}
}
