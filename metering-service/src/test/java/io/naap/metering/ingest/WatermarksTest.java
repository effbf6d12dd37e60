package io.naap.metering.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageCommitted;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.testing.Stores;
import io.naap.metering.Samples;
import io.naap.metering.watermark.Watermarks;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class WatermarksTest {
  private static final long POSITIONS = 2_000;
  private static final long MISSING = 1_234;

  @Inject Watermarks watermarks;
  @Inject Transactions transactions;
  @Inject RedisDataSource redis;

  private final String instance = Samples.id(IdKind.EVENT);

  @Test
  void severalReplicasMoveAWatermarkOverEveryPositionAndNoFurtherThanTheFirstThatIsMissing()
      throws Exception {
    List<Long> positions = new ArrayList<>(LongStream.rangeClosed(1, POSITIONS).boxed().toList());
    positions.remove(MISSING);
    Collections.shuffle(positions, new Random(5));
    for (int from = 0; from < positions.size(); from += 10) {
      arrive(positions.subList(from, Math.min(positions.size(), from + 10)));
      if (from % 500 == 0) {
        atOnce();
      }
    }
    atOnce();
    assertThat(committed()).isEqualTo(MISSING - 1);

    arrive(List.of(MISSING));
    // A position that arrives twice counts once.
    arrive(List.of(MISSING, 1L));
    atOnce();

    assertThat(committed()).isEqualTo(POSITIONS);
    List<Long> told = told();
    assertThat(told).isSorted().doesNotHaveDuplicates().last().isEqualTo(POSITIONS);
  }

  private void arrive(List<Long> positions) {
    String ranges =
        positions.stream()
            .map(position -> "[" + position + "," + position + "]")
            .reduce((a, b) -> a + "," + b)
            .orElseThrow();
    transactions.run(
        tx ->
            tx.change(
                "insert into spool_arrival (instance, positions) values ($1, ($2::text)::int8multirange)",
                instance,
                "{" + ranges + "}"));
  }

  private void atOnce() throws Exception {
    try (ExecutorService replicas = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (int at = 0; at < 4; at++) {
        all.add(replicas.submit(watermarks::run));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    // The service's own job may have taken some of the rows and not have committed yet.
    Samples.await(
        "folded",
        () ->
            transactions.<Integer>run(
                    tx ->
                        tx.query("select 1 from spool_arrival where instance = $1", instance)
                            .size())
                == 0);
  }

  private long committed() {
    return transactions.run(
        tx ->
            tx.one("select committed from spool where instance = $1", instance)
                .orElseThrow()
                .getLong(0));
  }

  private List<Long> told() {
    Samples.await(
        "published",
        () ->
            transactions.<Integer>run(
                    tx -> tx.query("select 1 from outbox where sent_at is null").size())
                == 0);
    return redis.stream(String.class)
        .xrange(Topics.USAGE_COMMITTED, StreamRange.of("-", "+"))
        .stream()
        .map(message -> Json.read(message.payload().get(Topics.FIELD), UsageCommitted.class))
        .filter(told -> told.instance().equals(instance))
        .map(UsageCommitted::spoolPosition)
        .distinct()
        .toList();
  }
}
