package io.naap.deploy.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CapacityTest {
  private final Capacity capacity = new Capacity();

  @Test
  void aModelHasAsManyPlacesAsWereSet() {
    capacity.set("m", 2);

    assertThat(capacity.enter("m")).isTrue();
    assertThat(capacity.enter("m")).isTrue();
    assertThat(capacity.enter("m")).isFalse();
    capacity.leave("m");
    assertThat(capacity.enter("m")).isTrue();
  }

  @Test
  void aModelThatNobodyServesHasNone() {
    capacity.set("m", 0);

    assertThat(capacity.enter("m")).isFalse();
    assertThat(capacity.enter("other")).isTrue();
  }
}
