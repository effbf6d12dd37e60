package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.testing.AwkwardText;
import io.naap.router.routing.Affinity;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByocHeaderTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static ByocHeader read(String more) {
    return readJob(
        "{\"id\":\"1\",\"capability\":\"cheap\",\"request\":\"{}\",\"parameters\":\"{}\","
            + "\"timeout_seconds\":30"
            + more
            + "}");
  }

  private static ByocHeader readJob(String job) {
    return ByocHeader.read(
        Base64.getEncoder().encodeToString(job.getBytes(StandardCharsets.UTF_8)),
        Affinity.NONE,
        (text, what) -> {
          try {
            return JSON.readTree(text.toString());
          } catch (JsonProcessingException unreadable) {
            throw new IllegalArgumentException(unreadable);
          }
        });
  }

  @Test
  void readsWhatTheJobIs() {
    assertThat(read("").capability()).isEqualTo("cheap");
    assertThat(read(",\"Other\":1").seconds()).isEqualTo(30);
  }

  /** A capability ends in usage: none gets in that metering cannot store. */
  @Test
  void acceptsNoCapabilityThatUsageCannotHold() {
    SplittableRandom random = new SplittableRandom(16);
    int accepted = 0;
    for (int at = 0; at < 100_000; at++) {
      String capability = AwkwardText.of(random, 6);
      String job =
          JSON.createObjectNode()
              .put("id", "1")
              .put("capability", capability)
              .put("request", "{}")
              .put("parameters", "{}")
              .put("timeout_seconds", 30)
              .toString();
      try {
        assertThat(UsageRecorded.canHold(readJob(job).capability())).isTrue();
        accepted++;
      } catch (Refusal.RefusedException refused) {
        assertThat(refused.refusal().status()).isEqualTo(422);
      }
    }
    assertThat(accepted).isBetween(1_000, 99_000);
  }

  @Test
  void tellsTheGatewayWhatItReadAndNothingElse() {
    String told =
        new String(
            Base64.getDecoder()
                .decode(
                    read(",\"sender\":\"0x1\",\"sig\":\"0x2\",\"capability_url\":\"http://10.0.0.1\"")
                        .value()),
            StandardCharsets.UTF_8);

    assertThat(told)
        .isEqualTo(
            "{\"id\":\"1\",\"capability\":\"cheap\",\"request\":\"{}\","
                + "\"parameters\":\"{}\",\"timeout_seconds\":30}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Capability", "CAPABILITY", "Timeout_Seconds", "timeout_\u017feconds"})
  void refusesAnotherSpellingOfWhatAJobIsPricedBy(String name) {
    assertThatThrownBy(() -> read(",\"" + name + "\":\"dear\""))
        .isInstanceOfSatisfying(
            Refusal.RefusedException.class,
            refused -> assertThat(refused.refusal().detail()).contains("must be written"));
  }
}
