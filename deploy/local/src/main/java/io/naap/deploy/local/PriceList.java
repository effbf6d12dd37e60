package io.naap.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/**
 * Computes what a job must cost from the public price list alone: a second, independent reading of
 * the plan, against which the platform's bill is held.
 */
final class PriceList {
  private static final BigDecimal MINUTE = BigDecimal.valueOf(60_000);

  private final JsonNode charges;

  PriceList(JsonNode plan) {
    this.charges = plan.path("charges");
  }

  /** Dollars, to the nano-dollar. */
  BigDecimal cost(String capability, String model, Map<String, Long> units) {
    BigDecimal total = BigDecimal.ZERO;
    boolean priced = false;
    for (JsonNode charge : charges) {
      JsonNode filter = charge.path("filter");
      if (matches(filter.path("capability"), capability) && matches(filter.path("model"), model)) {
        priced = true;
        total = total.add(line(charge, units));
      }
    }
    if (!priced) {
      throw new IllegalStateException("the plan has no price for " + capability);
    }
    return total;
  }

  private static BigDecimal line(JsonNode charge, Map<String, Long> units) {
    BigDecimal price = new BigDecimal(charge.path("price").asText());
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
      case "usage" -> {
        count = count(units, charge.path("unit").asText());
        per = new BigDecimal(charge.path("per").asText());
      }
      default -> throw new IllegalStateException("unknown charge " + charge);
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
