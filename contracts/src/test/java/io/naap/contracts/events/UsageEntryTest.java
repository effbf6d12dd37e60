package io.naap.contracts.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class UsageEntryTest {
  @Test
  void anArrayIsItsEventsAndAnObjectIsOne() {
    assertThat(UsageEntry.events("[{\"a\":1},{\"b\":\"x\"}]"))
        .containsExactly("{\"a\":1}", "{\"b\":\"x\"}");
    assertThat(UsageEntry.events("{\"a\":1}")).containsExactly("{\"a\":1}");
    assertThat(UsageEntry.events("[]")).isEmpty();
  }

  @Test
  void anythingElseIsNoEntry() {
    for (String bad : new String[] {"", "1", "[1", "\"x\"", "null"}) {
      assertThatThrownBy(() -> UsageEntry.events(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
