package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.naap.router.proxy.GatewayRefusal.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayRefusalTest {
  @ParameterizedTest
  @CsvSource({
    "text-to-image, 400, CUSTOMER, 400, gateway_refused",
    "transcoding, 422, CUSTOMER, 422, gateway_refused",
    "live-video-to-video, 400, CUSTOMER, 400, gateway_refused",
    "audio-to-text, 413, CUSTOMER, 413, gateway_refused",
    "text-to-image, 404, FAILED, 502, gateway_failed",
    "text-to-image, 401, FAILED, 502, gateway_failed",
    "text-to-image, 302, FAILED, 502, gateway_failed",
    "text-to-image, 500, FAILED, 502, gateway_failed",
    "llm, 503, NO_CAPACITY, 503, no_capacity",
    "byoc, 429, NO_CAPACITY, 503, no_capacity",
    "byoc, 503, NO_CAPACITY, 503, no_capacity",
    "byoc, 403, CUSTOMER, 502, gateway_refused",
    "byoc, 422, CUSTOMER, 422, gateway_refused",
    "byoc, 500, FAILED, 502, gateway_failed"
  })
  void tellsWhoseARefusalIs(String capability, int status, Kind kind, int told, String code) {
    GatewayRefusal refused = GatewayRefusal.of(capability, status, "inside.host:8935 says no");

    assertThat(refused.kind()).isEqualTo(kind);
    assertThat(refused.refusal().status()).isEqualTo(told);
    assertThat(refused.refusal().code()).isEqualTo(code);
    assertThat(refused.refusal().detail()).doesNotContain("inside", "8935");
  }

  @Test
  void aCapabilityThatNobodyOffersIsTheCustomersMistake() {
    GatewayRefusal refused =
        GatewayRefusal.of("byoc", 400, "No orchestrators found for capability no-such\n");

    assertThat(refused.refusal().status()).isEqualTo(404);
    assertThat(refused.refusal().code()).isEqualTo("unknown_capability");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Post \"http://10.1.2.3:5000/x?k=v\": refused",
        "dial tcp 10.1.2.3:8935: connect: connection refused",
        "at 10.1.2.3",
        "at 10.1.2.3/24 too",
        "dial tcp [fd00::12:3]:8935: no route",
        "dial tcp fd00::12:3 no route",
        "http:/10.1.2.3/x",
        "HTTPS://Orch-7.Example.com/a/b",
        "rtmp://10.1.2.3/live",
        "lookup orch-7.pool.svc.cluster.local: no such host",
        "lookup orch-7.internal",
        "orch-7:8935 did not answer",
        "localhost:8889",
        "see localhost",
        "a 10.1.2.3:1 b 10.1.2.4:2 c http://x/y"
      })
  void leavesAddressesOutOfAContainersWords(String text) {
    assertThat(GatewayRefusal.withoutAddresses(text))
        .contains("[address]")
        .doesNotContain("10.1.2", "orch-7", "Orch-7", "8935", "fd00", "localhost", "x/y");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"not yours", "field \"width\": must be at most 2048 (got 4096)", "ValueError: x"})
  void leavesOtherWordsAsTheyAre(String text) {
    assertThat(GatewayRefusal.withoutAddresses(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "1.", "a.", ":", "1:", "[", "http", "a-", "\u0000", "://"})
  void isQuickWithWhateverAContainerSays(String piece) {
    assertTimeout(
        Duration.ofSeconds(1),
        () -> {
          for (int at = 0; at < 20; at++) {
            assertThat(GatewayRefusal.withoutAddresses(piece.repeat(65_536)).length())
                .isLessThanOrEqualTo(300);
          }
        });
  }
}
