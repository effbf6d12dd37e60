package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.buffer.Buffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyEditorTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void writesAnewWhatWasRead() {
    JsonBodyEditor given =
        given(Buffer.buffer(" {\"prompt\":  \"a\\u0301\", \"w\\u0061it\" : 1.0}"));
    given.explicit("width", 512);
    given.explicit("model_id", "a \"b\"");
    assertThat(given.forwarded().toString())
        .isEqualTo(
            "{\"prompt\":\"a\u0301\",\"wait\":1.0,\"width\":512,\"model_id\":\"a \\\"b\\\"\"}");
  }

  @Test
  void writesALargeBodyTheSame() throws Exception {
    ObjectNode body = JSON.createObjectNode();
    body.put("prompt", "x".repeat(100_000)).put("seed", 1).put("model", "m");
    body.putObject("stream_options").put("include_usage", false);
    JsonBodyEditor given =
        new JsonBodyEditor(Buffer.buffer(JSON.writeValueAsBytes(body)), body.deepCopy());

    given.explicit("model", "other");
    given.explicit("width", 512);
    given.explicit("stream_options", JSON.createObjectNode().put("include_usage", true));

    body.put("model", "other").put("width", 512);
    body.putObject("stream_options").put("include_usage", true);
    assertThat(JSON.readTree(given.forwarded().getBytes())).isEqualTo(body);
  }

  @Test
  void writesAnewWhatMustSaySomethingElse() {
    JsonBodyEditor given = given(Buffer.buffer("{\"width\":null,\"prompt\":\"a\"}"));
    given.explicit("height", 256);
    given.explicit("width", 512);
    assertThat(given.forwarded().toString())
        .isEqualTo("{\"width\":512,\"prompt\":\"a\",\"height\":256}");
  }

  @Test
  void writesAnEmptyObjectAnew() {
    JsonBodyEditor given = given(Buffer.buffer("{ }"));
    given.explicit("width", 512);
    assertThat(given.forwarded().toString()).isEqualTo("{\"width\":512}");
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
    assertThat(given(bytes).forwarded()).isEqualTo(bytes);
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
    JsonBodyEditor given =
        new JsonBodyEditor(Buffer.buffer(JSON.writeValueAsBytes(body)), body.deepCopy());
    given.explicit("width", 2);
    given.explicit("model", prompt + "!");
    given.explicit("stream", false);
    body.put("width", 2).put("model", prompt + "!").put("stream", false);
    JsonNode forwarded = JSON.readTree(given.forwarded().getBytes());
    assertThat(forwarded).isEqualTo(body);
  }

  private static JsonBodyEditor given(Buffer bytes) {
    try {
      return new JsonBodyEditor(bytes, (ObjectNode) JSON.readTree(bytes.getBytes()));
    } catch (java.io.IOException unreadable) {
      throw new IllegalArgumentException(unreadable);
    }
  }
}
