package io.naap.contracts.ids;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventIdTest {
  private static final String REQUEST = "req_01kaq3v7g8e2nb0p4m6r9t1x5z";

  @Test
  void namesTheRequestOfEveryKindOfEvent() {
    String segment = EventId.of(REQUEST, 17);

    assertThat(segment).isEqualTo(REQUEST + "-17");
    assertThat(IdKind.REQUEST.matches(EventId.requestId(segment))).isTrue();
    assertThat(EventId.requestId(EventId.reversal(segment))).isEqualTo(REQUEST);
    assertThat(EventId.requestId(EventId.replacement(segment))).isEqualTo(REQUEST);
  }

  @Test
  void keepsAReversalApartFromItsReplacement() {
    String job = EventId.of(REQUEST, 0);

    assertThat(EventId.reversal(job)).isNotEqualTo(EventId.replacement(job));
  }
}
