package io.naap.contracts.rating;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * Terms that apply to all charges of a plan together.
 *
 * @param discountPercent taken off every charge, 0 to 100; absent for none
 * @param minimum the least that the jobs of a whole period cost; the invoice adds the difference
 * @param ceiling the most that a tenant pays for the jobs of a whole period; further jobs are free
 * @param trial free jobs at the start
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
   * Free jobs from the day that a tenant is assigned the plan.
   *
   * @param days 1 to 366
   * @param most the most dollars of free jobs; absent when only the days limit them
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
