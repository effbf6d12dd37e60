package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class EventJsonTest {
  @Property(tries = 300)
  void isTheSameTextAsJacksons(
      @ForAll String odd, @ForAll long seed, @ForAll boolean funded, @ForAll boolean money) {
    long positive = seed & Long.MAX_VALUE;
    UsageRecorded event =
        new UsageRecorded(
            "req_1-0",
            "req_1",
            3,
            "router-1",
            positive,
            Instant.ofEpochSecond(positive % 4_000_000_000L, positive % 1_000_000_000L),
            Instant.ofEpochMilli(positive % 4_000_000_000_000L),
            "ten_1",
            "key_1",
            List.of(odd, "a"),
            "llm",
            "m/" + odd,
            "standard",
            "pool",
            "gateway-1",
            200,
            "succeeded",
            Units.of(Unit.TOKENS_IN, positive % 1_000).with(Unit.REQUESTS, 1),
            "pln_1@1",
            funded ? Optional.of("fnd_1") : Optional.empty(),
            NanoUsd.ofNanos(money ? positive : positive % 3_000_000_000L),
            12);

    String written = EventJson.write(event);

    assertThat(Json.read(written, UsageRecorded.class))
        .isEqualTo(Json.read(Json.write(event), UsageRecorded.class));
  }
}
