package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.RequestLogged;
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
import net.jqwik.api.constraints.IntRange;

class EventJsonTest {
  private final EventJson json = new EventJson();

  private static UsageRecorded event(String odd, long positive, boolean funded, boolean money) {
    return new UsageRecorded(
        new UsageRecorded.Source(
            "req_1-0",
            "req_1",
            3,
            "router-1",
            positive,
            Instant.ofEpochSecond(positive % 4_000_000_000L, positive % 1_000_000_000L),
            Instant.ofEpochMilli(positive % 4_000_000_000_000L)),
        new UsageRecorded.Who("ten_1", "key_1", List.of(odd, "a")),
        new UsageRecorded.What("llm", "m/" + odd, "standard", "pool", "gateway-1"),
        new UsageRecorded.End(
            200,
            JobOutcome.SUCCEEDED,
            Units.of(Unit.TOKENS_IN, positive % 1_000).with(Unit.REQUESTS, 1),
            "pln_1@1",
            funded ? Optional.of("fnd_1") : Optional.empty(),
            NanoUsd.ofNanos(money ? positive : positive % 3_000_000_000L),
            12));
  }

  @Property(tries = 300)
  void isTheSameTextAsJacksons(
      @ForAll String odd, @ForAll long seed, @ForAll boolean funded, @ForAll boolean money) {
    long positive = seed & Long.MAX_VALUE;
    UsageRecorded event = event(odd, positive, funded, money);

    String written = json.write(event).toString();

    assertThat(Json.read(written, UsageRecorded.class))
        .isEqualTo(Json.read(Json.write(event), UsageRecorded.class));
  }

  @Property(tries = 300)
  void writesTheVeryBytesOfJackson(@ForAll boolean funded, @ForAll @IntRange(min = 1) int some) {
    UsageRecorded event = event("plain text", some, funded, false);

    assertThat(json.write(event).toString()).isEqualTo(Json.write(event));
    assertThat(Json.read(Json.write(event), UsageRecorded.class)).isEqualTo(event);
  }

  @Property(tries = 300)
  void writesRequestLinesAsJacksonDoes(
      @ForAll String odd, @ForAll long seed, @ForAll boolean refused) {
    long positive = seed & Long.MAX_VALUE;
    RequestLogged line =
        new RequestLogged(
            new RequestLogged.Request(
                "req_1",
                Instant.ofEpochSecond(positive % 400_000_000_000L, positive % 1_000_000_000L),
                "ten_1",
                "key_1",
                "llm",
                odd),
            new RequestLogged.Answer(
                429,
                refused ? Optional.of("limit_reached") : Optional.empty(),
                Optional.of(odd),
                Optional.empty()),
            Units.of(Unit.PIXELS, positive % 100),
            NanoUsd.ofNanos(positive % 3_000_000_000L),
            positive,
            seed);

    String written = json.write(line).toString();

    assertThat(Json.read(written, RequestLogged.class))
        .isEqualTo(Json.read(Json.write(line), RequestLogged.class));
  }

  @Property(tries = 300)
  void writesTimesAsTheyAre(@ForAll long millis, @ForAll @IntRange(max = 999_999) int nanos) {
    Instant at = Instant.ofEpochMilli(millis % 400_000_000_000_000L).plusNanos(nanos);
    RequestLogged line =
        new RequestLogged(
            new RequestLogged.Request("req_1", at, "ten_1", "key_1", "", ""),
            new RequestLogged.Answer(200, Optional.empty(), Optional.empty(), Optional.empty()),
            Units.NONE,
            NanoUsd.ZERO,
            0,
            0);

    assertThat(Json.read(json.write(line).toString(), RequestLogged.class).request().at())
        .isEqualTo(at);
  }
}
