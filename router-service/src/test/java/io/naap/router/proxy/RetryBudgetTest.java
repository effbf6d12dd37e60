package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  @Test
  void theReserveMayBeSpentAtOnce() {
    RetryBudget budget = new RetryBudget(20, 3);

    assertThat(budget.spend()).isTrue();
    assertThat(budget.spend()).isTrue();
    assertThat(budget.spend()).isTrue();
    assertThat(budget.spend()).isFalse();
  }

  @Property
  void retriesNeverExceedTheirShareAndTheReserve(
      @ForAll @IntRange(min = 1, max = 100) int percent,
      @ForAll @IntRange(max = 50) int reserve,
      @ForAll @IntRange(max = 2_000) int jobs) {
    RetryBudget budget = new RetryBudget(percent, reserve);
    int retries = 0;

    for (int job = 0; job < jobs; job++) {
      budget.earn();
      while (budget.spend()) {
        retries++;
      }
    }

    assertThat(retries).isLessThanOrEqualTo(reserve + jobs * percent / 100 + 1);
  }
}
