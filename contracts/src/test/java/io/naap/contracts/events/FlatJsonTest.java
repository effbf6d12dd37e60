package io.naap.contracts.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.audit.AuditEntry;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.rating.Standing;
import io.naap.contracts.rating.TenantPlan;
import org.junit.jupiter.api.Test;

/** Records made of parts are one flat object in JSON. */
class FlatJsonTest {
  private static final String CHARGE =
      """
      {"event_id":"evt_1","usage_event_id":"req_1-0","request_id":"req_1","occurred_at":"2026-11-30T10:00:00.123Z",\
      "rated_at":"2026-11-30T10:00:01.123456Z","tenant_id":"ten_1","key_id":"key_1","capability":"llm","model":"m",\
      "pool":"p","gateway":"g","units":{"requests":1,"tokens_in":7},"plan":"pln_1@1","funding_id":"fnd_1",\
      "amount":{"amount":"0.0012","currency":"USD"},"sponsored":null,"settled":null}\
      """;

  private static final String LINE =
      """
      {"request_id":"req_1","at":"2026-11-30T10:00:00.123Z","tenant_id":"ten_1","key_id":"key_1","capability":"llm",\
      "model":"m","status":200,"refusal":null,"pool":"p","gateway":null,"units":{"requests":1},\
      "cost":{"amount":"0.10","currency":"USD"},"latency_millis":5,"upstream_millis":4}\
      """;

  @Test
  void chargesAndRequestLinesAreReadAndWrittenFlat() {
    assertThat(Json.write(Json.read(CHARGE, ChargeRated.class))).isEqualTo(CHARGE);
    assertThat(Json.write(Json.read(LINE, RequestLogged.class))).isEqualTo(LINE);
  }

  @Test
  void absentFieldsAreEmptyAndUnknownOnesAreIgnored() {
    String older = CHARGE.replace(",\"sponsored\":null,\"settled\":null", ",\"newer\":{}");

    assertThat(Json.write(Json.read(older, ChargeRated.class))).isEqualTo(CHARGE);
  }

  @Test
  void aRequestLineWithoutStatusOrDurationIsRefused() {
    for (String field : new String[] {"status", "latency_millis", "upstream_millis"}) {
      String without = LINE.replace('"' + field + '"', "\"other\"");

      assertThatThrownBy(() -> Json.read(without, RequestLogged.class))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void profilesPlansAndAuditEntriesAreReadAndWrittenFlat() {
    String profile =
        """
        {"key_id":"key_1","tenant_id":"ten_1","name":"k","tags":["a"],"tier":null,"capabilities":["llm"],"models":[],\
        "allowed_cidrs":[],"allowed_origins":["https://x"],"expires_at":"2026-11-30T10:00:00Z",\
        "secret_expires_at":null,"limits":%1$s,"tenant_limits":%1$s,"revision":1,"ttl_seconds":60}\
        """
            .formatted(
                "{\"requests_per_minute\":5,\"requests_per_day\":null,\"concurrent_requests\":null,"
                    + "\"units_per_minute\":[],\"caps\":[]}");
    String audit =
        """
        {"seq":1,"at":"2026-11-30T10:00:00.123456Z","actor":"usr_1","action":"a","object":"o","address":"1.1.1.1",\
        "request_id":"r","details":"{}","previous":"0","hash":"1"}\
        """;

    assertThat(Json.write(Json.read(profile, KeyProfile.class))).isEqualTo(profile);
    assertThat(Json.write(Json.read(audit, AuditEntry.class))).isEqualTo(audit);
  }

  @Test
  void aStandingOfANewerVersionIsGood() {
    assertThat(plan("\"past_due\"").standing()).isEqualTo(Standing.PAST_DUE);
    assertThat(plan("\"suspended\"").standing()).isEqualTo(Standing.SUSPENDED);
    assertThat(plan("\"unheard_of\"").standing()).isEqualTo(Standing.GOOD);
    assertThat(plan("null").standing()).isEqualTo(Standing.GOOD);
    assertThat(Json.write(plan("\"past_due\""))).contains("\"standing\":\"past_due\"");
  }

  @Test
  void anOutcomeThatIsNoWordOfOursIsNone() {
    for (JobOutcome outcome : JobOutcome.values()) {
      assertThat(JobOutcome.of(outcome.word())).isEqualTo(outcome);
    }
    assertThat(JobOutcome.of("perhaps")).isNull();
    assertThat(JobOutcome.of(null)).isNull();
  }

  private static TenantPlan plan(String standing) {
    return Json.read(
        """
        {"tenant_id":"ten_1","prepaid":true,"tier":"std","tiers":["x"],"limits":{},"capabilities":[],"models":[],\
        "standing":%s}\
        """
            .formatted(standing),
        TenantPlan.class);
  }
}
