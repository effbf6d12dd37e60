package io.naap.contracts.rating;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * One line of a plan. A charge applies to the jobs its {@link Filter} matches; all prices are
 * dollars as exact decimals.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "model")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Charge.PerRequest.class, name = "per_request"),
  @JsonSubTypes.Type(value = Charge.PerMinute.class, name = "per_minute"),
  @JsonSubTypes.Type(value = Charge.Usage.class, name = "usage")
})
public sealed interface Charge {
  Filter filter();

  /** The exact price of a quantity, before the one rounding. */
  BigDecimal price(Units units);

  /** A price for each request. */
  record PerRequest(Filter filter, BigDecimal price) implements Charge {
    public PerRequest {
      Prices.check(price);
    }

    @Override
    public BigDecimal price(Units units) {
      return price.multiply(BigDecimal.valueOf(units.get(Unit.REQUESTS)));
    }
  }

  /** A price for each minute, charged to the millisecond. */
  record PerMinute(Filter filter, BigDecimal price) implements Charge {
    private static final BigDecimal MILLISECONDS = BigDecimal.valueOf(60_000);

    /** Far below a nano-dollar, so that cutting here cannot move the one rounding that counts. */
    private static final MathContext EXACT_ENOUGH = new MathContext(60, RoundingMode.DOWN);

    public PerMinute {
      Prices.check(price);
    }

    @Override
    public BigDecimal price(Units units) {
      return price
          .multiply(BigDecimal.valueOf(units.get(Unit.MILLISECONDS)))
          .divide(MILLISECONDS, EXACT_ENOUGH);
    }
  }

  /** A price for each {@code per} units, charged to the single unit. */
  record Usage(Filter filter, Unit unit, long per, BigDecimal price) implements Charge {
    private static final MathContext EXACT_ENOUGH = new MathContext(60, RoundingMode.DOWN);

    public Usage {
      Prices.check(price);
      if (per < 1) {
        throw new IllegalArgumentException("per must be at least 1");
      }
    }

    @Override
    public BigDecimal price(Units units) {
      return price
          .multiply(BigDecimal.valueOf(units.get(unit)))
          .divide(BigDecimal.valueOf(per), EXACT_ENOUGH);
    }
  }
}
