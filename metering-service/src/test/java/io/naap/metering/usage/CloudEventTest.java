package io.naap.metering.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.naap.contracts.json.Json;
import io.naap.metering.plan.PlanRequest;
import org.junit.jupiter.api.Test;

class CloudEventTest {
  private final ObjectMapper strict =
      Json.strict(new ObjectMapper()).registerModule(new Jdk8Module());

  /** An event that is sent again is known by a hash over this text. */
  @Test
  void theTextOfAnEventStaysTheSame() {
    String event =
        """
        {"specversion":"1.0","id":"1","source":"s","type":"io.naap.usage","subject":"ten_1","data":{"key_id":"key_1",\
        "capability":"llm","model":"m","units":{"requests":1},"tier":null,"status":null,"outcome":"failed",\
        "pool":null,"gateway":null,"tags":["a"],"plan":null,"latency_millis":null}}\
        """;

    assertThat(Json.write(Json.read(event, CloudEvent.class))).isEqualTo(event);
  }

  @Test
  void unknownFieldsOfRequestsAreRefused() {
    assertThatThrownBy(
            () -> strict.readValue("{\"capability\":\"llm\",\"odd\":1}", CloudEvent.Data.class))
        .isInstanceOf(UnrecognizedPropertyException.class);
    assertThatThrownBy(() -> strict.readValue("{\"name\":\"n\",\"access\":{}}", PlanRequest.class))
        .isInstanceOf(UnrecognizedPropertyException.class);
  }
}
