package io.naap.router.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.json.Json;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LiveSessionTest {
  /** As Redis has it. */
  private static final String STORED =
      """
      {"stream_id":"str_1","request_id":"req_1",
       "profile":{"key_id":"key_1","tenant_id":"ten_1","name":"k","tags":[],"capabilities":[],
        "models":[],"allowed_cidrs":[],"allowed_origins":[],"limits":{},"tenant_limits":{},
        "revision":1,"ttl_seconds":60},
       "plan":{"tenant_id":"ten_1","prepaid":true,"tier":"std","tiers":["std"],"limits":{},
        "capabilities":[],"models":[],"standing":"good"},
       "tier":"std",%s"model":"m","pool":"p","gateway":"g","opened":"2026-01-01T00:00:00Z",
       "funding_id":"fun_1"}
      """;

  private static LiveSession read(String capability) {
    return Json.read(STORED.formatted(capability), LiveSession.class);
  }

  @Test
  void isStoredAsOneFlatObject() {
    LiveSession session = read("\"capability\":\"byoc\",");

    assertThat(session.tier()).isEqualTo("std");
    assertThat(session.capability()).isEqualTo("byoc");
    assertThat(session.model()).isEqualTo("m");
    assertThat(session.pool()).isEqualTo("p");
    assertThat(session.gateway()).isEqualTo("g");
    assertThat(session.fundingId()).contains("fun_1");
    assertThat(Json.write(session))
        .contains("\"tier\":\"std\"", "\"capability\":\"byoc\"", "\"gateway\":\"g\"")
        .doesNotContain("work", "where");
    assertThat(Json.read(Json.write(session), LiveSession.class)).isEqualTo(session);
  }

  @Test
  void isLiveVideoWhereNoCapabilityIsStored() {
    assertThat(read("").capability()).isEqualTo("live-video-to-video");
  }

  @Test
  void keepsThePricesUnderWhichItBegan() {
    LiveSession session = read("");

    assertThat(session.pricedBy(session.plan()).plan()).isEqualTo(session.plan().plan());
    assertThat(session.fundedBy(Optional.empty()).fundingId()).isEmpty();
  }
}
