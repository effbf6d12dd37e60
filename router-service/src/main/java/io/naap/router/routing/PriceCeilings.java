package io.naap.router.routing;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The most that a pool's gateways pay, in wei a unit (a pixel or a millisecond, by which the
 * network prices the capability), as they were started with ({@code -maxPricePerCapability}). A
 * gateway does not use orchestrators that ask for more, so they do not count as serving a model.
 *
 * @param byCapability by model, {@code "*"} for all others
 */
public record PriceCeilings(Map<String, Map<String, Price>> byCapability) {
  public static final PriceCeilings NONE = new PriceCeilings(Map.of());

  public PriceCeilings {
    byCapability = Map.copyOf(byCapability);
  }

  /** An exact price: wei for a number of units. */
  public record Price(BigInteger wei, BigInteger units) {
    private static final Pattern WRITTEN = Pattern.compile("([0-9]{1,30})(?:/([1-9][0-9]{0,29}))?");

    /**
     * @param text {@code 4768371} or {@code 47683715/10}
     */
    static Price parse(String text) {
      Matcher written = WRITTEN.matcher(text);
      if (!written.matches()) {
        throw new IllegalArgumentException(
            "a price is written in wei a unit, 4768371 or 47683715/10, not \"" + text + "\"");
      }
      return new Price(
          new BigInteger(written.group(1)),
          written.group(2) == null ? BigInteger.ONE : new BigInteger(written.group(2)));
    }

    boolean isAbove(Price other) {
      return wei.multiply(other.units).compareTo(other.wei.multiply(units)) > 0;
    }
  }

  /** {@code {"text-to-image":{"*":"4768371"}}}. */
  static PriceCeilings read(JsonNode node, String pool) {
    Map<String, Map<String, Price>> ceilings = new HashMap<>();
    for (Map.Entry<String, JsonNode> capability : node.properties()) {
      Map<String, Price> models = new HashMap<>();
      for (Map.Entry<String, JsonNode> model : capability.getValue().properties()) {
        try {
          models.put(model.getKey(), Price.parse(model.getValue().asText()));
        } catch (IllegalArgumentException unreadable) {
          throw new IllegalArgumentException(
              "pool "
                  + pool
                  + ": price_ceilings of "
                  + capability.getKey()
                  + ": "
                  + unreadable.getMessage(),
              unreadable);
        }
      }
      if (models.isEmpty()) {
        throw new IllegalArgumentException(
            "pool "
                + pool
                + ": price_ceilings of "
                + capability.getKey()
                + " must name models, or \"*\"");
      }
      ceilings.put(capability.getKey(), Map.copyOf(models));
    }
    return new PriceCeilings(ceilings);
  }

  /** True when an orchestrator's price is too high; without a ceiling none is. */
  boolean isTooHigh(String capability, String model, Price asked) {
    Map<String, Price> models = byCapability.getOrDefault(capability, Map.of());
    Price most = models.getOrDefault(model, models.get("*"));
    return most != null && asked.isAbove(most);
  }
}
