package io.naap.metering.plan;

import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Plan;
import java.util.List;

/**
 * A plan as it is offered now.
 *
 * @param version its newest
 * @param prepaid true when every job needs money set aside beforehand
 * @param tier the pool tier it gives
 */
public record OfferedPlan(
    String id, int version, String name, boolean prepaid, String tier, List<Charge> charges) {
  public OfferedPlan {
    charges = List.copyOf(charges);
  }

  Plan plan() {
    return new Plan(id, version, name, charges);
  }
}
