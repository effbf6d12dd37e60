package io.naap.clearinghouse.comparison;

import io.naap.clearinghouse.charge.ChargeConfig;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.stream.Events;
import io.naap.contracts.events.ChargesAsked;
import io.naap.contracts.events.ChargesListed;
import io.naap.contracts.events.ChargesSummed;
import io.naap.contracts.events.Topic;
import io.naap.contracts.events.Topics;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.naap.store.stream.StreamReader;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Holds the ledger's charges against metering's, names what differs and asks for what is missing.
 */
@ApplicationScoped
public class ChargeComparison {
  private static final Logger LOG = Logger.getLogger(ChargeComparison.class);
  private static final String GROUP = Topic.Consumers.CLEARINGHOUSE;
  private static final Duration EVERY = Duration.ofSeconds(2);

  /** What is on the way arrives within this; then the charges are asked for one by one. */
  private static final Duration ON_THE_WAY = Duration.ofSeconds(8);

  private static final Duration AGAIN = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Any number, the same in every replica. */
  private static final long COMPARING_LOCK = 7231;

  private static final int MOST_NAMED = 20;

  private final Ledger ledger;
  private final Outbox outbox;
  private final Ids ids;
  private final ClearinghouseMetrics metrics;
  private final List<StreamReader> readers;
  private final List<Thread> threads = new ArrayList<>();
  private final Workers workers;
  private Worker worker;

  ChargeComparison(
      Workers workers,
      RedisDataSource redis,
      ChargeConfig config,
      Ledger ledger,
      Outbox outbox,
      Ids ids,
      ClearinghouseMetrics metrics) {
    this.workers = workers;
    this.ledger = ledger;
    this.outbox = outbox;
    this.ids = ids;
    this.metrics = metrics;
    this.readers =
        List.of(
            reader(redis, config, Topics.CHARGE_SUMS, this::takeSums),
            reader(redis, config, Topics.CHARGE_LISTS, this::takeLists));
  }

  private StreamReader reader(
      RedisDataSource redis,
      ChargeConfig config,
      String stream,
      Consumer<List<StreamReader.Entry>> handler) {
    return new StreamReader(
        redis,
        new StreamReader.Source(stream, GROUP, config.consumer(), 20, Duration.ZERO),
        handler,
        metrics::deletedUnread);
  }

  void start(@Observes StartupEvent started) {
    readers.forEach(reader -> threads.add(Thread.ofVirtual().name("comparison").start(reader)));
    worker = workers.start("comparison", EVERY, this::compare);
  }

  void stop(@Observes ShutdownEvent ending) throws InterruptedException {
    if (worker != null) {
      worker.stop();
    }
    readers.forEach(StreamReader::stop);
    for (Thread thread : threads) {
      thread.interrupt();
      thread.join(PATIENCE);
    }
  }

  private void takeSums(List<StreamReader.Entry> entries) {
    Events<ChargesSummed> events =
        Events.read(
            entries,
            ChargesSummed.class,
            ChargesSummed::eventId,
            one ->
                Stream.of(one.eventId(), one.from(), one.to(), one.amount(), one.sponsored())
                    .allMatch(Objects::nonNull));
    ledger.read(
        tx -> {
          events.setApart(tx);
          ChargeSpans.add(tx, events.take(tx).stream().map(id -> events.byId().get(id)).toList());
          return null;
        });
  }

  private void takeLists(List<StreamReader.Entry> entries) {
    Events<ChargesListed> events =
        Events.read(
            entries,
            ChargesListed.class,
            ChargesListed::eventId,
            one ->
                Stream.of(one.eventId(), one.from(), one.to(), one.after(), one.upTo())
                    .allMatch(Objects::nonNull));
    List<ChargeSpans.Difference> found =
        ledger.read(
            tx -> {
              events.setApart(tx);
              List<ChargeSpans.Difference> differences = new ArrayList<>();
              events.byId().values().forEach(part -> differences.addAll(compare(tx, part)));
              events.take(tx);
              return differences;
            });
    outbox.poke();
    name(found);
  }

  private List<ChargeSpans.Difference> compare(Tx tx, ChargesListed part) {
    List<ChargeSpans.Difference> fresh =
        ChargeSpans.compare(tx, part).stream()
            .filter(one -> ChargeSpans.remember(tx, one))
            .toList();
    ask(
        tx,
        part.from(),
        part.to(),
        fresh.stream()
            .filter(one -> one.kind() == ChargeSpans.Kind.MISSING)
            .map(ChargeSpans.Difference::usageEventId)
            .toList());
    if (part.upTo().isEmpty()) {
      ChargeSpans.done(tx, part.from(), part.to());
    }
    return fresh;
  }

  private void name(List<ChargeSpans.Difference> found) {
    found.stream()
        .limit(MOST_NAMED)
        .forEach(
            one ->
                LOG.errorf(
                    "metering and the ledger differ, usage_event=%s kind=%s metered=%s booked=%s",
                    one.usageEventId(),
                    one.kind().wireName(),
                    dollars(one.metered()),
                    dollars(one.booked())));
    if (found.size() > MOST_NAMED) {
      LOG.errorf(
          "metering and the ledger differ in %d more charges, see charge_difference",
          found.size() - MOST_NAMED);
    }
    found.forEach(one -> metrics.chargeDiffers(one.kind().wireName()));
  }

  private static String dollars(Long nanos) {
    return nanos == null ? "nothing" : NanoUsd.ofNanos(nanos).toString();
  }

  /** One turn: compares the sums that came, asks where they differ, and sees what was healed. */
  void compare() {
    boolean mine =
        ledger.read(
            tx -> {
              if (!tx.one("select pg_try_advisory_xact_lock($1) as mine", COMPARING_LOCK)
                  .orElseThrow()
                  .getBoolean("mine")) {
                return false;
              }
              tx.query("select brin_summarize_new_values('charge_rated'::regclass)");
              for (ChargeSpans.Span span : ChargeSpans.open(tx, AGAIN)) {
                if (ChargeSpans.isBooked(tx, span)) {
                  ChargeSpans.done(tx, span.from(), span.to());
                } else if (span.asked()
                    ? span.askAgain()
                    : span.waited().compareTo(ON_THE_WAY) > 0) {
                  add(tx, span.from(), span.to(), List.of());
                  ChargeSpans.asked(tx, span);
                }
              }
              List<String> healed = ChargeSpans.heal(tx);
              if (!healed.isEmpty()) {
                LOG.infof("the ledger has charges that it missed, charges=%d", healed.size());
              }
              ask(
                  tx,
                  Instant.EPOCH,
                  Instant.EPOCH,
                  ChargeSpans.askAgain(tx, AGAIN, ChargesAsked.MOST));
              return true;
            });
    outbox.poke();
    if (mine) {
      ledger
          .read(
              tx ->
                  tx.one(
                      "select (select count(*) from charge_difference where healed_at is null) d,"
                          + " (select count(*) from charge_span) s"))
          .ifPresent(row -> metrics.chargesCompared(row.getLong("d"), row.getLong("s")));
    }
  }

  private void ask(Tx tx, Instant from, Instant to, List<String> missing) {
    for (int at = 0; at < missing.size(); at += ChargesAsked.MOST) {
      add(tx, from, to, missing.subList(at, Math.min(missing.size(), at + ChargesAsked.MOST)));
    }
  }

  private void add(Tx tx, Instant from, Instant to, List<String> sendAgain) {
    outbox.add(
        tx,
        Topic.CHARGE_QUESTIONS,
        List.of(Json.write(new ChargesAsked(ids.next(IdKind.EVENT), from, to, sendAgain))));
  }
}
