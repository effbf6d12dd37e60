package io.naap.metering.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.AwkwardText;
import io.naap.contracts.testing.Stores;
import io.naap.metering.Samples;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Every text that contracts allows in an event is stored and rated: 100,000 events of random texts
 * go through Redis, the readers and Postgres. Tests of keys-service and the router check, with the
 * same texts, that they let in no other.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class AcceptedTextTest {
  private static final int EVENTS = 100_000;
  private static final String KEY = Samples.id(IdKind.KEY);

  @Inject RedisDataSource redis;
  @Inject Transactions transactions;

  @Test
  void everyEventOfAcceptedTextsIsStoredAndRated() {
    SplittableRandom random = new SplittableRandom(16);
    String tenant = Samples.id(IdKind.TENANT);
    String instance = Samples.id(IdKind.SESSION);
    for (int from = 0; from < EVENTS; from += UsageEntry.MOST) {
      List<String> entry = new ArrayList<>();
      for (int at = 0; at < UsageEntry.MOST; at++) {
        entry.add(Json.write(event(random, tenant, instance, from + at + 1)));
      }
      redis.stream(String.class).xadd(Topics.usage(0), Map.of(Topics.FIELD, entry.toString()));
    }

    Samples.await(
        "all stored",
        () -> number("select count(*) from usage_event where tenant_id = $1", tenant) == EVENTS,
        120);

    assertThat(
            number(
                "select count(*) from usage_event where tenant_id = $1 and state = 'accepted'"
                    + " and cost > 0",
                tenant))
        .isEqualTo(EVENTS);
    assertThat(number("select count(*) from dead_letter where payload like $1", "%" + tenant + "%"))
        .isZero();
  }

  private long number(String sql, String parameter) {
    return transactions.run(tx -> tx.one(sql, parameter).orElseThrow().getLong(0));
  }

  private static UsageRecorded event(
      SplittableRandom random, String tenant, String instance, long position) {
    String request = Samples.id(IdKind.REQUEST);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    return new UsageRecorded(
        new UsageRecorded.Source(request + "-0", request, 0, instance, position, now, now),
        new UsageRecorded.Who(tenant, KEY, List.of(accepted(random), accepted(random))),
        new UsageRecorded.What(
            "text-to-image",
            accepted(random),
            accepted(random),
            accepted(random),
            accepted(random)),
        new UsageRecorded.End(
            200,
            JobOutcome.SUCCEEDED,
            Units.of(Unit.PIXELS, 1_000_000).with(Unit.REQUESTS, 1).with(Unit.GENERATIONS, 1),
            Samples.PLAN + "@1",
            Optional.empty(),
            NanoUsd.ZERO,
            random.nextInt(1_000)));
  }

  private static String accepted(SplittableRandom random) {
    while (true) {
      String text = AwkwardText.of(random, 8);
      if (UsageRecorded.canHold(text)) {
        return text;
      }
    }
  }
}
