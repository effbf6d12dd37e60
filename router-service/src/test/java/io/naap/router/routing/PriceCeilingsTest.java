package io.naap.router.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PriceCeilingsTest {
  private static PriceCeilings ceilings(String json) {
    return PriceCeilings.read(node(json), "cheap");
  }

  private static JsonNode node(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static Map<String, Integer> offered(PriceCeilings ceilings, String... prices) {
    StringBuilder orchestrators = new StringBuilder();
    for (String price : prices) {
      orchestrators
          .append(orchestrators.isEmpty() ? "" : ",")
          .append("{\"capabilities_prices\":[{\"capability\":27,\"constraint\":\"m\",")
          .append(price)
          .append("}],\"hardware\":[{\"pipeline\":\"text-to-image\",\"model_id\":\"m\"}]}");
    }
    return NetworkCapabilities.offers(
            node(
                "{\"capabilities_names\":{\"27\":\"Text to image\"},\"orchestrators\":["
                    + orchestrators
                    + "]}"),
            ceilings)
        .getOrDefault("text-to-image", Map.of());
  }

  @Test
  void countsOrchestratorsUpToTheCeilingAndNoneAboveIt() {
    PriceCeilings most = ceilings("{\"text-to-image\":{\"*\":\"21/2\"}}");

    assertThat(
            offered(
                most,
                "\"pricePerUnit\":21,\"pixelsPerUnit\":2",
                "\"pricePerUnit\":10,\"pixelsPerUnit\":1",
                "\"pricePerUnit\":211,\"pixelsPerUnit\":20",
                "\"pricePerUnit\":11"))
        .containsEntry("m", 2);
  }

  @Test
  void aModelsOwnCeilingGoesBeforeThatOfAll() {
    String price = "\"pricePerUnit\":5,\"pixelsPerUnit\":1";

    assertThat(offered(ceilings("{\"text-to-image\":{\"*\":4,\"m\":5}}"), price))
        .containsEntry("m", 1);
    assertThat(offered(ceilings("{\"text-to-image\":{\"*\":5,\"m\":4}}"), price)).isEmpty();
    assertThat(offered(ceilings("{\"llm\":{\"*\":4}}"), price)).containsEntry("m", 1);
    assertThat(offered(PriceCeilings.NONE, price)).containsEntry("m", 1);
  }

  @Test
  void aBadCeilingSaysWhatToChange() {
    assertThatThrownBy(() -> ceilings("{\"text-to-image\":{\"m\":\"1.5\"}}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pool cheap: price_ceilings of text-to-image")
        .hasMessageContaining("47683715/10");
    assertThatThrownBy(() -> ceilings("{\"text-to-image\":5}")).hasMessageContaining("name models");
  }
}
