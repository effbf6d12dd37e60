package io.naap.clearinghouse.confirmation;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignerEventTest {
  private static final String GOOD =
      """
      {"id":"i","type":"create_signed_ticket","timestamp":"1790000000000","data":{"session_id":"s",
       "orch_address":"0xAA","manifest_id":"m","computed_fee":"5","sequence_number":3,
       "num_tickets":100,"auth_id":"a"}}""";

  @Test
  void numbersMayBeTextsAndAddressesAreOfOneSpelling() {
    assertThat(SignerEvent.read(GOOD))
        .isInstanceOfSatisfying(
            SignerEvent.Signed.class,
            signed -> {
              assertThat(signed.payment().orchestrator()).isEqualTo("0xaa");
              assertThat(signed.sequence()).isEqualTo(3);
              assertThat(signed.payment().fee()).isEqualTo(5);
              assertThat(signed.at()).isEqualTo("2026-09-21T14:13:20Z");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"computed_fee\":\"5\"|\"computed_fee\":\"-5\"",
        "\"computed_fee\":\"5\"|\"computed_fee\":\"5.5\"",
        "\"sequence_number\":3|\"sequence_number\":99999999999999999999",
        "\"num_tickets\":100|\"num_tickets\":101",
        "\"session_id\":\"s\"|\"session_id\":\"\"",
        "\"1790000000000\"|\"99999999999999999\"",
        "\"id\":\"i\",|",
        "{\"id\"|[{\"id\""
      })
  void whatCannotBeIsUnreadableAndNotAnError(String change) {
    String[] parts = change.split("\\|", -1);

    assertThat(SignerEvent.read(GOOD.replace(parts[0], parts[1])))
        .isInstanceOf(SignerEvent.Unreadable.class);
  }

  @Property(tries = 500)
  void anyTextIsReadWithoutFailing(@ForAll String text) {
    assertThat(SignerEvent.read(text)).isNotInstanceOf(SignerEvent.Signed.class);
  }

  @Test
  void aRecordWithoutAValueIsUnreadable() {
    assertThat(SignerEvent.read(null)).isInstanceOf(SignerEvent.Unreadable.class);
  }
}
