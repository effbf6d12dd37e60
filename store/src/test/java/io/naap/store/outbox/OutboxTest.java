package io.naap.store.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.events.Topic;
import io.naap.contracts.events.Topics;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class OutboxTest {
  @Inject Outbox outbox;
  @Inject Transactions transactions;
  @Inject RedisDataSource redis;

  private final String topic = "test:" + UUID.randomUUID();

  @Test
  void publishesInOrderHoweverManyThereAreAndKeepsNone() throws Exception {
    List<String> payloads = IntStream.range(0, 9_001).mapToObj(Integer::toString).toList();

    add(payloads);
    outbox.poke();

    Eventually.await("all are published", () -> published().size() == payloads.size());
    assertThat(published()).isEqualTo(payloads);
    Eventually.await("the table is empty", () -> waiting() == 0);
  }

  @Test
  void publishesWhatNobodyPokedFor() throws Exception {
    add(List.of("forgotten"));

    Eventually.await("it is published", () -> published().equals(List.of("forgotten")));
  }

  @Test
  void publishesNothingOfATransactionThatFailed() throws Exception {
    assertThatThrownBy(
            () ->
                transactions.run(
                    tx -> {
                      outbox.add(tx, new Topic.Announcement(topic), List.of("never"));
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    add(List.of("afterwards"));
    outbox.poke();

    Eventually.await("the next is published", () -> !published().isEmpty());
    assertThat(published()).containsExactly("afterwards");
  }

  private void add(List<String> payloads) {
    transactions.run(
        tx -> {
          outbox.add(tx, new Topic.Announcement(topic), payloads);
          return payloads.size();
        });
  }

  private List<String> published() {
    return redis.stream(String.class).xrange(topic, StreamRange.of("-", "+")).stream()
        .map(entry -> entry.payload().get(Topics.FIELD))
        .toList();
  }

  private int waiting() {
    return transactions.<Integer>run(
        tx -> tx.query("select 1 from outbox where topic = $1", topic).size());
  }
}
