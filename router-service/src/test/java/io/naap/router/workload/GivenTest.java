package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GivenTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void passesOnWhatAlreadySaysSo() {
    Buffer bytes = Buffer.buffer(" {\"width\" : 512 ,\"model\":\"m\", \"stream\":true}");
    Given given = given(bytes);
    given.explicit("width", 512);
    given.explicit("model", "m");
    given.explicit("stream", true);
    assertThat(given.forwarded()).isSameAs(bytes);
  }

  @Test
  void putsWhatIsMissingInFrontAndLeavesTheRest() {
    Given given = given(Buffer.buffer(" {\"prompt\":  \"a\\u0301\"}"));
    given.explicit("width", 512);
    given.explicit("model_id", "a \"b\"");
    assertThat(given.forwarded().toString())
        .isEqualTo(" {\"width\":512,\"model_id\":\"a \\\"b\\\"\",\"prompt\":  \"a\\u0301\"}");
  }

  @Test
  void writesAnewWhatMustSaySomethingElse() {
    Given given = given(Buffer.buffer("{\"width\":null,\"prompt\":\"a\"}"));
    given.explicit("height", 256);
    given.explicit("width", 512);
    assertThat(given.forwarded().toString())
        .isEqualTo("{\"width\":512,\"prompt\":\"a\",\"height\":256}");
  }

  @Test
  void writesAnEmptyObjectAnew() {
    Given given = given(Buffer.buffer("{ }"));
    given.explicit("width", 512);
    assertThat(given.forwarded().toString()).isEqualTo("{\"width\":512}");
  }

  @Test
  void forwardsOtherEncodingsAsUtf8() {
    Given given = given(Buffer.buffer("{\"prompt\":\"é\"}".getBytes(StandardCharsets.UTF_16BE)));
    given.explicit("width", 512);
    assertThat(given.forwarded().toString()).isEqualTo("{\"prompt\":\"é\",\"width\":512}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Width", "WIDTH", "max_to\u212aens", "\u017ftream", "Num_Images_Per_Prompt"})
  void refusesAnotherSpellingOfWhatIsPaidFor(String name) {
    assertThatThrownBy(() -> given(Buffer.buffer("{\"" + name + "\":8192}")))
        .isInstanceOfSatisfying(
            Refusal.RefusedException.class,
            refused -> {
              assertThat(refused.refusal().status()).isEqualTo(422);
              assertThat(refused.refusal().detail()).contains("must be written");
            });
  }

  @Test
  void leavesOtherNamesAsTheyAre() {
    Buffer bytes = Buffer.buffer("{\"guidanceScale\":1,\"größe\":2}");
    assertThat(given(bytes).forwarded()).isSameAs(bytes);
  }

  @Property
  void saysTheSameHoweverItIsWritten(
      @ForAll @IntRange(min = 0, max = 3) int width,
      @ForAll boolean hasWidth,
      @ForAll boolean hasModel,
      @ForAll String prompt)
      throws Exception {
    ObjectNode body = JSON.createObjectNode();
    if (hasModel) {
      body.put("model", prompt);
    }
    body.put("prompt", prompt);
    if (hasWidth) {
      body.put("width", width);
    }
    Given given = new Given(Buffer.buffer(JSON.writeValueAsBytes(body)), body.deepCopy());
    given.explicit("width", 2);
    given.explicit("model", prompt + "!");
    given.explicit("stream", false);
    body.put("width", 2).put("model", prompt + "!").put("stream", false);
    JsonNode forwarded = JSON.readTree(given.forwarded().getBytes());
    assertThat(forwarded).isEqualTo(body);
  }

  private static Given given(Buffer bytes) {
    try {
      return new Given(bytes, (ObjectNode) JSON.readTree(bytes.getBytes()));
    } catch (java.io.IOException unreadable) {
      throw new IllegalArgumentException(unreadable);
    }
  }
}
