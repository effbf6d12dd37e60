package io.naap.contracts.rating;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * What holds for all charges of a plan together.
 *
 * @param discountPercent off every charge, 0 to below 100 or 100 for free; absent for none
 * @param minimum the least that the jobs of a whole period come to; the invoice adds what is
 *     missing
 * @param ceiling the most that the tenant pays for the jobs of a whole period; beyond it they are
 *     free
 * @param trial jobs at the start that cost nothing
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Terms(
    Optional<BigDecimal> discountPercent,
    Optional<NanoUsd> minimum,
    Optional<NanoUsd> ceiling,
    Optional<Trial> trial) {
  public static final Terms NONE =
      new Terms(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  public Terms {
    discountPercent = discountPercent == null ? Optional.empty() : discountPercent;
    minimum = minimum == null ? Optional.empty() : minimum;
    ceiling = ceiling == null ? Optional.empty() : ceiling;
    trial = trial == null ? Optional.empty() : trial;
    discountPercent.ifPresent(Prices::checkPercent);
    if (minimum.filter(NanoUsd::isNegative).isPresent()
        || ceiling.filter(NanoUsd::isNegative).isPresent()) {
      throw new InvalidInput("a minimum or ceiling is not negative");
    }
  }

  /**
   * Free jobs from the day a tenant gets the plan.
   *
   * @param days 1 to 366
   * @param most so many dollars of jobs at most; absent for no end but the days'
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Trial(int days, Optional<NanoUsd> most) {
    public Trial {
      most = most == null ? Optional.empty() : most;
      if (days < 1 || days > 366 || most.filter(NanoUsd::isNegative).isPresent()) {
        throw new InvalidInput("a trial has 1 to 366 days and no negative amount");
      }
    }
  }
}
