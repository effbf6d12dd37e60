package io.naap.metering.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.ChargesAsked;
import io.naap.contracts.events.ChargesListed;
import io.naap.contracts.events.ChargesSummed;
import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.metering.Operator;
import io.naap.metering.Samples;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Charges are summed and listed for the ledger, and those it lacks are sent again. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class ChargesComparedTest {
  @Inject Operator operator;
  @Inject RedisDataSource redis;
  @Inject Transactions transactions;

  private final String tenant = Samples.id(IdKind.TENANT);
  private final String key = Samples.id(IdKind.KEY);

  @Test
  void tellsSumsListsASpanAndSendsAgainWithTheSameIds() {
    Instant begin = Instant.now();
    String kept = job();
    String taken = job();
    operator.post("/v1/usage/events/" + taken + "/correction", "{}", 200);
    // The sum of a span is sent ten seconds after the span's end.
    for (int look = 0; look < 4 && !isToldSince(begin); look++) {
      Samples.await("the clock went on", new Later(9)::hasCome);
    }
    assertThat(isToldSince(begin)).isTrue();

    acknowledgeAll();
    send(
        new ChargesAsked(
            Samples.id(IdKind.EVENT), begin.minusSeconds(1), Instant.now(), List.of()));
    Samples.await("listed", () -> listed(kept).isPresent());
    assertThat(listed(kept)).hasValue(NanoUsd.parse("0.001"));
    assertThat(listed(taken)).hasValue(NanoUsd.parse("0.001"));
    assertThat(listed(taken + "-r")).hasValue(NanoUsd.parse("-0.001"));

    List<FeeCharged> refunds = refunds();
    assertThat(refunds).hasSize(1);
    send(
        new ChargesAsked(
            Samples.id(IdKind.EVENT), begin, begin, List.of(kept, taken + "-r", "unheard-of")));
    Samples.await("sent again", () -> refunds().size() == 2 && charges(kept).size() == 2);
    assertThat(refunds().get(1).eventId()).isEqualTo(refunds().get(0).eventId());
    assertThat(refunds().get(1).usageEventId())
        .isEqualTo(refunds().get(0).usageEventId())
        .hasValue(taken);
    assertThat(refunds().get(1).amount()).isEqualTo(refunds().get(0).amount());
    ChargeRated first = charges(kept).get(0);
    ChargeRated again = charges(kept).get(1);
    assertThat(again)
        .usingRecursiveComparison()
        .ignoringFields("source.eventId", "source.occurredAt")
        .isEqualTo(first);
  }

  private record Later(Instant at) {
    Later(long seconds) {
      this(Instant.now().plusSeconds(seconds));
    }

    boolean hasCome() {
      return Instant.now().isAfter(at);
    }
  }

  private boolean isToldSince(Instant begin) {
    return told(Topics.CHARGE_SUMS, ChargesSummed.class).stream()
            .filter(sums -> sums.to().isAfter(begin))
            .mapToLong(ChargesSummed::charges)
            .sum()
        >= 3;
  }

  private String job() {
    return operator.record(
        new Operator.Job(tenant, key, "text-to-image", 1, Instant.now(), ""), "accepted");
  }

  private List<ChargeRated> charges(String usageEventId) {
    return told(Topics.CHARGES, ChargeRated.class).stream()
        .filter(charge -> charge.usageEventId().equals(usageEventId))
        .toList();
  }

  private List<FeeCharged> refunds() {
    return told(Topics.FEES, FeeCharged.class).stream()
        .filter(fee -> fee.tenantId().equals(tenant))
        .toList();
  }

  private Optional<NanoUsd> listed(String usageEventId) {
    return told(Topics.CHARGE_LISTS, ChargesListed.class).stream()
        .flatMap(part -> part.charges().stream())
        .filter(one -> one.usageEventId().equals(usageEventId))
        .map(ChargesListed.Listed::amount)
        .findFirst();
  }

  /** Acknowledges all outbox rows, as the ledger does after its commit. */
  private void acknowledgeAll() {
    for (String stream : List.of(Topics.CHARGES, Topics.FEES)) {
      transactions
          .run(tx -> tx.query("select id from outbox where topic = $1", stream))
          .forEach(
              row ->
                  redis.stream(String.class)
                      .xadd(
                          Topics.acknowledgements(stream),
                          Map.of(
                              Topics.CONSUMER,
                              "clearinghouse",
                              Topics.ROW,
                              row.getLong(0).toString())));
    }
  }

  private void send(ChargesAsked question) {
    redis.stream(String.class)
        .xadd(Topics.CHARGE_QUESTIONS, Map.of(Topics.FIELD, Json.write(question)));
  }

  private <T> List<T> told(String topic, Class<T> type) {
    return redis.stream(String.class).xrange(topic, StreamRange.of("-", "+")).stream()
        .flatMap(entry -> entry.payload().get(Topics.FIELD).lines())
        .map(event -> Json.read(event, type))
        .toList();
  }
}
