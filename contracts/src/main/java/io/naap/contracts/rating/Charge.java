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

  /** A charge that prices a job by the amount of one unit. */
  sealed interface Counted extends Charge
      permits PerRequest, PerMinute, PerSecond, Usage, Graduated, Volume, Packages, Credits {
    /** The unit that is counted. */
    Unit unit();
  }

  /** A price per request. */
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

  /** A price per minute, charged by the millisecond. */
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

  /** A price per second, charged by the millisecond. */
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

  /** A price per {@code per} units, charged by the single unit. */
  record Usage(Filter filter, Unit unit, long per, BigDecimal price) implements Counted {
    public Usage {
      filter = Filter.orEverything(filter);
      Prices.check(price);
      Prices.checkCounted(unit, per);
    }
  }

  /**
   * A tiered price per {@code per} units: each unit of a period costs the price of the tier that it
   * falls into.
   */
  record Graduated(Filter filter, Unit unit, long per, List<Tier> tiers) implements Counted {
    public Graduated {
      filter = Filter.orEverything(filter);
      Prices.checkCounted(unit, per);
      tiers = Prices.checkedTiers(tiers);
    }
  }

  /**
   * A tiered price per {@code per} units, in which all units of a period cost the price of the tier
   * that their sum falls into. A job is charged at the tier reached so far; {@link Rating#trueUp}
   * computes the correction at the end of the period.
   */
  record Volume(Filter filter, Unit unit, long per, List<Tier> tiers) implements Counted {
    public Volume {
      filter = Filter.orEverything(filter);
      Prices.checkCounted(unit, per);
      tiers = Prices.checkedTiers(tiers);
    }
  }

  /**
   * A price per package of {@code size} units. A started package is charged whole; units are
   * counted over the whole period.
   */
  record Packages(Filter filter, Unit unit, long size, BigDecimal price) implements Counted {
    public Packages {
      filter = Filter.orEverything(filter);
      Prices.check(price);
      Prices.checkCounted(unit, size);
    }
  }

  /**
   * A price in credits per {@code per} units, charged by the single unit. Credits are bought in
   * advance.
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
   * A fee per period that includes an amount of units; other charges of the plan apply only to
   * units beyond it.
   *
   * @param price the fee of a whole period
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
   * A sponsor pays a percentage of the price of matching jobs, while its budget lasts.
   *
   * @param budgetId {@code bdg_...}
   * @param percent above 0 to 100
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
   * @param amount absent for unlimited
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
   * A tier of a tiered price.
   *
   * @param upTo the last unit of the period in this tier; absent for the last tier
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
