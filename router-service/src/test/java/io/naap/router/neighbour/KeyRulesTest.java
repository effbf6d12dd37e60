package io.naap.router.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KeyRulesTest {
  private static String unasked() {
    throw new IllegalStateException("not needed");
  }

  private static KeyProfile key(String cidrs, String origins) {
    return Json.read(
        """
        {"key_id":"key_1","tenant_id":"ten_1","name":"n","tags":[],"capabilities":[],"models":[],
         "allowed_cidrs":[%s],"allowed_origins":[%s],"expires_at":"2026-01-02T00:00:00Z",
         "limits":{"units_per_minute":[],"caps":[]},"tenant_limits":{"units_per_minute":[],"caps":[]},
         "revision":1,"ttl_seconds":60}\
        """
            .formatted(cidrs, origins),
        KeyProfile.class);
  }

  @Test
  void aKeyIsGoodUntilItExpires() {
    KeyProfile key = key("", "");

    assertThat(KeyRules.good(key, Instant.parse("2026-01-01T23:59:59Z"))).isEmpty();
    assertThat(KeyRules.good(key, Instant.parse("2026-01-02T00:00:00Z")))
        .contains(KeyRules.INVALID);
  }

  @Test
  void aKeyWithoutLimitsIsUsedFromAnywhere() {
    KeyProfile key = key("", "");

    assertThat(KeyRules.isLimited(key)).isFalse();
    assertThat(KeyRules.client(key, KeyRulesTest::unasked, KeyRulesTest::unasked)).isEmpty();
    assertThat(KeyRules.streamKey(key)).isEmpty();
  }

  @Test
  void aKeyOfANetworkIsRefusedFromAnother() {
    KeyProfile key = key("\"10.0.0.0/8\"", "");

    assertThat(KeyRules.client(key, () -> "10.1.2.3", KeyRulesTest::unasked)).isEmpty();
    assertThat(KeyRules.client(key, () -> "11.1.2.3", KeyRulesTest::unasked))
        .map(Refusal::code)
        .hasValue("address_not_allowed");
  }

  @Test
  void aKeyOfAWebOriginIsRefusedFromAnotherAndWithoutOne() {
    KeyProfile key = key("", "\"https://a.example\"");

    assertThat(KeyRules.client(key, KeyRulesTest::unasked, () -> "https://a.example")).isEmpty();
    assertThat(KeyRules.client(key, KeyRulesTest::unasked, () -> "https://b.example"))
        .map(Refusal::code)
        .hasValue("origin_not_allowed");
    assertThat(KeyRules.client(key, KeyRulesTest::unasked, () -> null))
        .map(Refusal::code)
        .hasValue("origin_not_allowed");
  }

  @Test
  void aLimitedKeyIsNoStreamKey() {
    assertThat(KeyRules.streamKey(key("\"10.0.0.0/8\"", "")))
        .map(Refusal::code)
        .hasValue("no_stream_key");
    assertThat(KeyRules.streamKey(key("", "\"https://a.example\"")))
        .map(Refusal::status)
        .hasValue(403);
  }
}
