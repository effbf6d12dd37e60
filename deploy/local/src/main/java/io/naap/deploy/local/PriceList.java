package io.naap.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/**
 * Computes what a job must cost from the public price list alone: a second, independent reading of
 * the plan, against which the platform's bill is held.
 */
public final class PriceList {
  private static final BigDecimal SECOND = BigDecimal.valueOf(1_000);
  private static final BigDecimal MINUTE = BigDecimal.valueOf(60_000);

  private final JsonNode charges;

  public PriceList(JsonNode plan) {
    this.charges = plan.path("charges");
  }

  /** Dollars, to the nano-dollar. */
  public BigDecimal cost(String capability, String model, Map<String, Long> units) {
    BigDecimal total = BigDecimal.ZERO;
    boolean priced = false;
    for (JsonNode charge : charges) {
      JsonNode filter = charge.path("filter");
      if (!isOfThePeriod(charge)
          && matches(filter.path("capability"), capability)
          && matches(filter.path("model"), model)) {
        priced = true;
        total = total.add(line(charge, units));
      }
    }
    if (!priced) {
      throw new IllegalStateException("the plan has no price for " + capability);
    }
    return total;
  }

  /** A fee or a sponsor's part: no price of a job. */
  private static boolean isOfThePeriod(JsonNode charge) {
    String model = charge.path("model").asText();
    return "subscription".equals(model) || "grant".equals(model);
  }

  private static BigDecimal line(JsonNode charge, Map<String, Long> units) {
    BigDecimal price =
        charge.hasNonNull("price") ? new BigDecimal(charge.path("price").asText()) : null;
    BigDecimal count;
    BigDecimal per;
    switch (charge.path("model").asText()) {
      case "per_request" -> {
        count = count(units, "requests");
        per = BigDecimal.ONE;
      }
      case "per_minute" -> {
        count = count(units, "milliseconds");
        per = MINUTE;
      }
      case "per_second" -> {
        count = count(units, "milliseconds");
        per = SECOND;
      }
      case "credits" -> {
        price = new BigDecimal(charge.path("credits").asText());
        price = price.multiply(new BigDecimal(charge.path("credit_price").asText()));
        count = count(units, charge.path("unit").asText());
        per = new BigDecimal(charge.path("per").asText());
      }
      case "usage" -> {
        count = count(units, charge.path("unit").asText());
        per = new BigDecimal(charge.path("per").asText());
      }
      // Tiers and packages depend on the period's other jobs.
      default -> throw new IllegalStateException("no price of one job alone: " + charge);
    }
    return price.multiply(count).divide(per, 9, RoundingMode.HALF_EVEN);
  }

  private static BigDecimal count(Map<String, Long> units, String unit) {
    return BigDecimal.valueOf(units.getOrDefault(unit, 0L));
  }

  private static boolean matches(JsonNode filter, String value) {
    return filter.isMissingNode() || filter.isNull() || filter.asText().equals(value);
  }
}
