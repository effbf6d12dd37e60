package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SheddingTest {
  @Test
  void theBestTierMayCarryAllJobsAndEachLowerOneFewer() {
    assertThat(Shedding.mostFor(1000, 20, 0)).isEqualTo(1000);
    assertThat(Shedding.mostFor(1000, 20, 1)).isEqualTo(800);
    assertThat(Shedding.mostFor(1000, 20, 2)).isEqualTo(600);
  }

  @Test
  void noTierIsShutOutForEver() {
    assertThat(Shedding.mostFor(1000, 50, 9)).isEqualTo(100);
    assertThat(Shedding.mostFor(1, 100, 9)).isEqualTo(1);
  }
}
