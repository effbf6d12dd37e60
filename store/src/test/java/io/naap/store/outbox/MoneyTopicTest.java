package io.naap.store.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.Topic;
import io.naap.contracts.events.Topics;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.naap.store.stream.StreamReader;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamMessage;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A row that carries money is gone when its consumers' databases have it, whatever Redis loses. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class MoneyTopicTest {
  private static final String LEDGER = "ledger";

  @Inject Outbox outbox;
  @Inject Transactions transactions;
  @Inject RedisDataSource redis;

  private final String stream = "test:" + UUID.randomUUID();
  private final Topic topic = new Topic.Money(stream, Set.of(LEDGER));
  private final List<String> booked = new CopyOnWriteArrayList<>();
  private final List<StreamReader> readers = new ArrayList<>();

  @AfterEach
  void stopReaders() {
    readers.forEach(StreamReader::stop);
    transactions.run(tx -> tx.change("delete from outbox where topic like 'test:%'"));
  }

  @Test
  void keepsARowUntilItsConsumerHasCommitted() throws Exception {
    AtomicBoolean away = new AtomicBoolean(true);
    add("one", "two", "three");
    Eventually.await("it is published", () -> !published().isEmpty());
    start(LEDGER, away);

    Eventually.await(
        "it was tried",
        () ->
            redis.execute("XINFO", "GROUPS", stream).toString().contains(LEDGER)
                && redis.stream(String.class).xpending(stream, LEDGER).getPendingCount() == 1);
    assertThat(rows()).isEqualTo(1);
    away.set(false);

    Eventually.await("the row is gone", () -> rows() == 0);
    assertThat(booked).containsExactly("one", "two", "three");
  }

  @Test
  void everyConsumerOfATopicHasToAcknowledge() throws Exception {
    Topic two = new Topic.Money(stream, Set.of(LEDGER, "auditor"));
    transactions.run(
        tx -> {
          outbox.add(tx, two, List.of("one"));
          return null;
        });
    outbox.poke();
    start(LEDGER, new AtomicBoolean());
    Eventually.await("one has it", () -> awaited().equals(List.of("auditor")));

    start("auditor", new AtomicBoolean());

    Eventually.await("the row is gone", () -> rows() == 0);
    assertThat(booked).containsExactly("one", "one");
  }

  @Test
  void publishesAgainInOrderWhatAnEmptiedRedisLost() throws Exception {
    List<String> all = new ArrayList<>();
    for (int at = 0; at < 40; at++) {
      all.add("event-" + at);
      add("event-" + at);
    }
    Eventually.await("all are published", () -> published().size() == 40);
    redis.flushall();
    all.add("after");
    add("after");

    Eventually.await("all are published again", () -> published().size() == 41);
    assertThat(published()).isEqualTo(all);
    start(LEDGER, new AtomicBoolean());
    Eventually.await("all are booked", () -> rows() == 0);
    assertThat(new LinkedHashSet<>(booked)).containsExactlyElementsOf(all);
  }

  @Test
  void publishesAgainWhatARedisOfBeforeLost() throws Exception {
    add("old");
    Eventually.await("the old one is published", () -> published().size() == 1);
    Map<String, String> before = dump();
    add("new-1");
    add("new-2");
    Eventually.await("all are published", () -> published().size() == 3);

    restore(before);
    add("after");

    Eventually.await("what was lost is published again", () -> published().size() == 4);
    assertThat(published()).containsExactly("old", "new-1", "new-2", "after");
  }

  @Test
  void publishesAgainAnEntryThatWasDeletedUnread() throws Exception {
    add("first");
    add("second");
    Eventually.await("both are published", () -> published().size() == 2);
    redis.stream(String.class)
        .xdel(stream, entries().stream().map(StreamMessage::id).toArray(String[]::new));

    Eventually.await("both are published again", () -> published().size() == 2);
    assertThat(published()).containsExactly("first", "second");
  }

  @Test
  void aLostAcknowledgementOnlyBringsTheEventAgain() throws Exception {
    start(LEDGER, new AtomicBoolean());
    add("one");
    Eventually.await("it is acknowledged", () -> rows() == 0);
    // As if the acknowledgement had been lost: the row is still there, and its entry is not.
    transactions.run(
        tx ->
            tx.change(
                "insert into outbox (topic, payloads, awaits, sent_at, entry_id)"
                    + " values ($1, array['one'], array[$2], now() - interval '1 minute', '1-1')",
                stream,
                LEDGER));

    Eventually.await("it is acknowledged again", () -> rows() == 0);
    assertThat(booked).contains("one").doesNotContain("two");
  }

  @Test
  void aTopicThatNobodyAcknowledgesIsBoundedInRedisAndHoldsUpNoOther() throws Exception {
    int limit = 100;
    for (int at = 0; at < 3 * limit; at++) {
      store("waits-" + at);
    }
    outbox.poke();
    Eventually.await("it is full", () -> published().size() >= limit);
    int full = published().size();
    String other = "test:" + UUID.randomUUID();
    transactions.run(
        tx -> {
          outbox.add(tx, new Topic.Announcement(other), List.of("other"));
          return null;
        });
    outbox.poke();

    Eventually.await("the other is published", () -> redis.stream(String.class).xlen(other) == 1);
    assertThat(full).isEqualTo(limit);
    assertThat(published()).hasSize(limit);
    start(LEDGER, new AtomicBoolean());
    Eventually.await("all are booked", () -> rows() == 0);
    assertThat(new LinkedHashSet<>(booked))
        .containsExactlyElementsOf(
            IntStream.range(0, 3 * limit).mapToObj(at -> "waits-" + at).toList());
  }

  private void add(String... events) {
    store(events);
    outbox.poke();
  }

  private void store(String... events) {
    transactions.run(
        tx -> {
          outbox.add(tx, topic, List.of(events));
          return null;
        });
  }

  private void start(String group, AtomicBoolean away) {
    StreamReader reader =
        new StreamReader(
            redis,
            new StreamReader.Source(stream, group, "one", 10, Duration.ZERO),
            entries -> {
              if (away.get()) {
                throw new IllegalStateException("the ledger's store is away");
              }
              entries.forEach(entry -> booked.add(entry.payload()));
            },
            gone -> {});
    readers.add(reader);
    Thread.ofVirtual().start(reader);
  }

  private List<StreamMessage<String, String, String>> entries() {
    return redis.stream(String.class).xrange(stream, StreamRange.of("-", "+"));
  }

  private List<String> published() {
    return entries().stream()
        .flatMap(entry -> Arrays.stream(entry.payload().get(Topics.FIELD).split("\n")))
        .toList();
  }

  private long rows() {
    return transactions.<Integer>run(
        tx -> tx.query("select 1 from outbox where topic = $1", stream).size());
  }

  private List<String> awaited() {
    return transactions.run(
        tx ->
            tx.query("select unnest(awaits) from outbox where topic = $1", stream).stream()
                .map(row -> row.getString(0))
                .toList());
  }

  /** Copies all that Redis has, as its file of now would keep it. */
  private Map<String, String> dump() {
    Map<String, String> copies = new HashMap<>();
    for (String key : redis.key().keys("*")) {
      copies.put(key, "copy:" + UUID.randomUUID());
      redis.execute("COPY", key, copies.get(key));
    }
    return copies;
  }

  private void restore(Map<String, String> copies) {
    redis.key().keys("*").stream()
        .filter(key -> !copies.containsValue(key))
        .forEach(key -> redis.key().del(key));
    copies.forEach((key, copy) -> redis.execute("COPY", copy, key));
  }
}
