package io.naap.contracts.rating;

import io.naap.contracts.problem.InvalidInput;
import java.util.List;

/**
 * One version of a plan. A version that has been used never changes.
 *
 * @param id {@code pln_...}
 * @param version 1, 2, 3, ...
 * @param name shown to people
 * @param charges every charge that matches a job applies; give each unit of a capability one price
 * @param terms apply to all charges together
 */
public record Plan(String id, int version, String name, List<Charge> charges, Terms terms) {
  private static final int MAX_CHARGES = 500;

  public Plan {
    charges = List.copyOf(charges);
    terms = terms == null ? Terms.NONE : terms;
    if (charges.size() > MAX_CHARGES) {
      throw new InvalidInput("a plan has at most " + MAX_CHARGES + " charges");
    }
  }

  public Plan(String id, int version, String name, List<Charge> charges) {
    this(id, version, name, charges, Terms.NONE);
  }

  /** The name of this version in events: {@code pln_...@3}. */
  public String reference() {
    return id + "@" + version;
  }

  /** True when the price of a job depends on what the tenant used earlier in the period. */
  public boolean dependsOnPosition() {
    return terms.ceiling().isPresent()
        || terms.trial().isPresent()
        || charges.stream().anyMatch(Plan::dependsOnPosition);
  }

  private static boolean dependsOnPosition(Charge charge) {
    return switch (charge) {
      case Charge.Graduated graduated -> true;
      case Charge.Volume volume -> true;
      case Charge.Packages pack -> true;
      case Charge.Grant grant -> true;
      case Charge.Subscription subscription -> !subscription.included().isEmpty();
      case Charge.PerRequest each -> false;
      case Charge.PerMinute each -> false;
      case Charge.PerSecond each -> false;
      case Charge.Usage each -> false;
      case Charge.Credits each -> false;
    };
  }
}
