package io.naap.router.workload;

import static io.naap.router.workload.Workloads.CONFIG;
import static io.naap.router.workload.Workloads.JSON;
import static io.naap.router.workload.Workloads.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.router.endpoint.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TranscodingTest {
  private static final Transcoding TRANSCODING =
      new Transcoding(CONFIG, JSON, Endpoint.PUSH_SEGMENT);

  private static ObjectNode configuration(String header) {
    return TRANSCODING.configuration(header.replace('\'', '"'));
  }

  @Test
  void takesOutWhatOnlyTheOperatorMaySet() {
    ObjectNode read =
        configuration("{'ManifestID':'x','streamKey':'y','verificationFreq':9,'codec':'h264'}");

    assertThat(read).isEqualTo(Workloads.answer("{'codec':'h264'}"));
  }

  @Test
  void refusesAStoreThatTheGatewayWouldOpen() {
    assertThat(refusal(() -> configuration("{'objectStore':'s3://a'}")).status()).isEqualTo(422);
    assertThat(refusal(() -> configuration("[]")).status()).isEqualTo(422);
    assertThat(refusal(() -> configuration("{")).status()).isEqualTo(400);
  }

  @Test
  void tellsTheGatewayTheRenditionsThatAreBilled() {
    ObjectNode none = configuration("{}");
    Renditions defaults = TRANSCODING.renditions(none, 2_000);
    ObjectNode some = configuration("{'Presets':['P144p30fps16x9']}");
    Renditions asked = TRANSCODING.renditions(some, 2_000);

    assertThat(none.get("presets")).hasSize(2);
    assertThat(defaults.pixels(1_000)).isEqualTo(30L * (426 * 240 + 640 * 360));
    assertThat(some).isEqualTo(Workloads.answer("{'presets':['P144p30fps16x9']}"));
    assertThat(asked.pixels(1_000)).isEqualTo(30L * 256 * 144);
    assertThat(asked.mark()).isNotEqualTo(defaults.mark());
  }

  @Test
  void refusesAFieldThatIsThereTwice() {
    ObjectNode twice = configuration("{'presets':[],'Presets':[]}");

    assertThat(refusal(() -> TRANSCODING.renditions(twice, 2_000)).detail()).contains("twice");
  }

  @Test
  void assumesTwoSecondsWhereNoDurationIsDeclared() {
    assertThat(Transcoding.duration(null)).isEqualTo(2_000);
    assertThat(Transcoding.duration("300000")).isEqualTo(300_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "300001", "1.5", "-1", "9999999999"})
  void refusesADurationThatNoSegmentHas(String header) {
    assertThat(refusal(() -> Transcoding.duration(header)).status()).isEqualTo(422);
  }
}
