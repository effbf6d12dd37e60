package io.naap.contracts.rating;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.problem.InvalidInput;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * One line of a plan. A charge applies to the jobs its {@link Filter} matches; all prices are
 * dollars as exact decimals.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "model")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Charge.PerRequest.class, name = "per_request"),
  @JsonSubTypes.Type(value = Charge.PerMinute.class, name = "per_minute"),
  @JsonSubTypes.Type(value = Charge.PerSecond.class, name = "per_second"),
  @JsonSubTypes.Type(value = Charge.Usage.class, name = "usage"),
  @JsonSubTypes.Type(value = Charge.Graduated.class, name = "graduated"),
  @JsonSubTypes.Type(value = Charge.Volume.class, name = "volume"),
  @JsonSubTypes.Type(value = Charge.Packages.class, name = "package"),
  @JsonSubTypes.Type(value = Charge.Credits.class, name = "credits"),
  @JsonSubTypes.Type(value = Charge.Subscription.class, name = "subscription"),
  @JsonSubTypes.Type(value = Charge.Grant.class, name = "grant")
})
public sealed interface Charge {
  Filter filter();

  /** A charge that gives a job a price by counting one unit. */
  sealed interface Counted extends Charge
      permits PerRequest, PerMinute, PerSecond, Usage, Graduated, Volume, Packages, Credits {
    /** What it counts. */
    Unit unit();
  }

  /** A price for each request. */
  record PerRequest(Filter filter, BigDecimal price) implements Counted {
    public PerRequest {
      filter = Filter.orEverything(filter);
      Prices.check(price);
    }

    @Override
    public Unit unit() {
      return Unit.REQUESTS;
    }
  }

  /** A price for each minute, charged to the millisecond. */
  record PerMinute(Filter filter, BigDecimal price) implements Counted {
    public PerMinute {
      filter = Filter.orEverything(filter);
      Prices.check(price);
    }

    @Override
    public Unit unit() {
      return Unit.MILLISECONDS;
    }
  }

  /** A price for each second, charged to the millisecond. */
  record PerSecond(Filter filter, BigDecimal price) implements Counted {
    public PerSecond {
      filter = Filter.orEverything(filter);
      Prices.check(price);
    }

    @Override
    public Unit unit() {
      return Unit.MILLISECONDS;
    }
  }

  /** A price for each {@code per} units, charged to the single unit. */
  record Usage(Filter filter, Unit unit, long per, BigDecimal price) implements Counted {
    public Usage {
      filter = Filter.orEverything(filter);
      Prices.check(price);
      Prices.checkCounted(unit, per);
    }
  }

  /**
   * A price for each {@code per} units that falls or rises as a period's units go on: each unit
   * costs what its own tier says.
   */
  record Graduated(Filter filter, Unit unit, long per, List<Tier> tiers) implements Counted {
    public Graduated {
      filter = Filter.orEverything(filter);
      Prices.checkCounted(unit, per);
      tiers = Prices.checkedTiers(tiers);
    }
  }

  /**
   * A price for each {@code per} units, for all units of a period the same: that of the tier their
   * sum ends in. A job is charged at the tier reached by then; {@link Rating#trueUp} gives what the
   * end of the period changes.
   */
  record Volume(Filter filter, Unit unit, long per, List<Tier> tiers) implements Counted {
    public Volume {
      filter = Filter.orEverything(filter);
      Prices.checkCounted(unit, per);
      tiers = Prices.checkedTiers(tiers);
    }
  }

  /** A price for each begun package of {@code size} units, counted over the whole period. */
  record Packages(Filter filter, Unit unit, long size, BigDecimal price) implements Counted {
    public Packages {
      filter = Filter.orEverything(filter);
      Prices.check(price);
      Prices.checkCounted(unit, size);
    }
  }

  /**
   * So many credits for each {@code per} units, charged to the single unit and taken from what was
   * paid in advance.
   *
   * @param credits for {@code per} units
   * @param creditPrice dollars a credit
   */
  record Credits(Filter filter, Unit unit, long per, BigDecimal credits, BigDecimal creditPrice)
      implements Counted {
    public Credits {
      filter = Filter.orEverything(filter);
      Prices.check(credits);
      Prices.check(creditPrice);
      Prices.checkCounted(unit, per);
    }
  }

  /**
   * A fee for each period, and units that come with it: the other charges of the plan count only
   * what goes beyond them.
   *
   * @param price of a whole period
   */
  record Subscription(BigDecimal price, List<Included> included) implements Charge {
    public Subscription {
      Prices.check(price);
      included = included == null ? List.of() : List.copyOf(included);
      if (included.size() > 50) {
        throw new InvalidInput("a subscription includes at most 50 kinds of units");
      }
    }

    @Override
    public Filter filter() {
      return Filter.EVERYTHING;
    }
  }

  /**
   * A sponsor pays a part of what matching jobs cost, as long as its budget has money.
   *
   * @param budgetId {@code bdg_...}
   * @param percent of the price, above 0 to 100
   */
  record Grant(Filter filter, String budgetId, BigDecimal percent) implements Charge {
    public Grant {
      filter = Filter.orEverything(filter);
      if (!IdKind.BUDGET.matches(budgetId)) {
        throw new InvalidInput("a grant names a sponsor's budget, bdg_...");
      }
      percent = percent == null ? BigDecimal.valueOf(100) : percent;
      Prices.checkPercent(percent);
    }
  }

  /**
   * Units that a subscription includes in each period.
   *
   * @param amount absent for no end
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Included(Filter filter, Unit unit, Optional<Long> amount) {
    public Included {
      filter = Filter.orEverything(filter);
      amount = amount == null ? Optional.empty() : amount;
      if (unit == null || (amount.isPresent() && amount.get() < 0)) {
        throw new InvalidInput("included units have a unit and are not negative");
      }
    }
  }

  /**
   * A step of a tiered price.
   *
   * @param upTo the last unit of the period that is in it; absent for the last tier
   * @param price for each {@code per} units of the charge
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Tier(Optional<Long> upTo, BigDecimal price) {
    public Tier {
      upTo = upTo == null ? Optional.empty() : upTo;
      Prices.check(price);
    }
  }
}
