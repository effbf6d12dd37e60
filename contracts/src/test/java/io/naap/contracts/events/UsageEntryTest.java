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
  void anEventThatNobodyCouldReadTakesNoOtherWithIt() {
    String twice = "{\"a\":1,\"a\":2}";
    String odd = "{\"b\":\"\ud83d\ude80 ] } \\\" [\"}";

    assertThat(UsageEntry.events("[" + twice + " , " + odd + ",7,{}]"))
        .containsExactly(twice, odd, "7", "{}");
  }

  @Test
  void anythingElseIsNoEntry() {
    for (String bad : new String[] {"", "1", "[1", "\"x\"", "null", "[{}]x", "[{]"}) {
      assertThatThrownBy(() -> UsageEntry.events(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
