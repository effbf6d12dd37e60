package io.naap.clearinghouse.signer.orchestrators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.Capabilities;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PriceCeilingsTest {
  private static final PriceCeilings CEILINGS =
      new PriceCeilings(
          Map.of(
              "live-video-to-video/streamdiffusion", new BigDecimal("1500"),
              "live-video-to-video/default", new BigDecimal("900"),
              "llm/default", new BigDecimal("0.5")),
          Optional.of(new BigDecimal("100")));

  private static Capabilities.Model model(String capability, String id) {
    return new Capabilities.Model(capability, id);
  }

  @Test
  void aModelHasItsOwnCeilingAndElseItsCapabilitysDefault() {
    assertThat(CEILINGS.of(List.of(model("live-video-to-video", "streamdiffusion"))))
        .contains(new BigDecimal("1500"));
    assertThat(CEILINGS.of(List.of(model("live-video-to-video", "comfyui"))))
        .contains(new BigDecimal("900"));
  }

  @Test
  void severalModelsMayCostTheirSum() {
    assertThat(
            CEILINGS.of(
                List.of(model("live-video-to-video", "streamdiffusion"), model("llm", "any"))))
        .contains(new BigDecimal("1500.5"));
  }

  @Test
  void aModelNamedTwiceRaisesNothing() {
    assertThat(CEILINGS.of(List.of(model("llm", "any"), model("llm", "any"))))
        .contains(new BigDecimal("0.5"));
  }

  @Test
  void whatHasNoCeilingOfItsOwnIsHeldToTheOneForEverything() {
    assertThat(CEILINGS.of(List.of())).contains(new BigDecimal("100"));
    assertThat(CEILINGS.of(List.of(model("upscale", "x")))).contains(new BigDecimal("100"));
    assertThat(new PriceCeilings(Map.of(), Optional.empty()).of(List.of())).isEmpty();
  }

  /** Field 5, in it entries of field 2: 35 with the models "noop" and "x", and 99 with "y". */
  @Test
  void readsTheModelsOfEachCapability() throws IOException {
    ByteString message =
        ByteString.copyFrom(
            HexFormat.of()
                .parseHex(
                    "2a22"
                        + "1215"
                        + "0823"
                        + "1211"
                        + "0a080a046e6f6f701200"
                        + "0a050a01781200"
                        + "1209"
                        + "0863"
                        + "1205"
                        + "0a030a0179"));

    assertThat(Capabilities.models(message))
        .containsExactly(
            model("live-video-to-video", "noop"),
            model("live-video-to-video", "x"),
            model("99", "y"));
  }

  @Test
  void refusesWhatIsNoMessage() {
    assertThatThrownBy(
            () -> Capabilities.models(ByteString.copyFrom(HexFormat.of().parseHex("2aff"))))
        .isInstanceOf(IOException.class);
  }
}
