package io.naap.clearinghouse.signer.tickets;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.contracts.events.NetworkCostIncurred;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.Wei;
import io.naap.store.outbox.Outbox;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Posts the expected value of signed tickets to the ledger, one journal for each caller and run,
 * and announces it as {@code NetworkCostIncurred}. The batches were committed before they were
 * signed, together with a row of {@code ticket_unbooked} for each batch that is not posted yet.
 */
@ApplicationScoped
public class TicketPosting {
  private static final int BATCH = 2_000;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Ledger ledger;
  private final Outbox outbox;
  private final EtherPrice etherPrice;
  private final Ids ids;
  private final Clock clock;
  private final Workers workers;
  private Worker worker;

  TicketPosting(
      Workers workers, Ledger ledger, Outbox outbox, EtherPrice etherPrice, Ids ids, Clock clock) {
    this.workers = workers;
    this.ledger = ledger;
    this.outbox = outbox;
    this.etherPrice = etherPrice;
    this.ids = ids;
    this.clock = clock;
  }

  void start(@Observes StartupEvent started) {
    worker = workers.start("ticket-books", Duration.ZERO, this::run);
  }

  void stop(@Observes ShutdownEvent ending) {
    if (worker != null) {
      worker.stop();
    }
  }

  /** When a run fails, its batches stay in {@code ticket_unbooked} for the next one. */
  private void run() throws InterruptedException {
    if (book() < BATCH) {
      Thread.sleep(PAUSE);
    }
  }

  private record Payer(
      String caller, Optional<String> gateway, Optional<String> tenant, String capability) {}

  /** Posts up to 2,000 batches; returns their number. */
  int book() {
    int booked = ledger.transact(this::book);
    if (booked > 0) {
      outbox.poke();
    }
    return booked;
  }

  private int book(LedgerTransaction books) {
    books
        .tx()
        .query(
            // A merge join would read the whole index of the table for these few rows.
            "select set_config('enable_seqscan', 'off', true),"
                + " set_config('enable_hashjoin', 'off', true),"
                + " set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)");
    List<Row> rows =
        books
            .tx()
            .query(
                """
                with taken as (
                  delete from ticket_unbooked where batch_id in
                    (select batch_id from ticket_unbooked order by batch_id limit 2000
                      for update skip locked)
                  returning batch_id)
                select b.id, b.caller, b.gateway, b.tenant_id, b.capability, b.expected_value
                from taken t join ticket_batch b on b.id = t.batch_id""");
    if (rows.isEmpty()) {
      return 0;
    }
    Map<Payer, BigInteger> costs = new LinkedHashMap<>();
    Map<String, List<String>> batches = new LinkedHashMap<>();
    for (Row row : rows) {
      costs.merge(
          new Payer(
              row.getString("caller"),
              Optional.ofNullable(row.getString("gateway")),
              Optional.ofNullable(row.getString("tenant_id")),
              row.getString("capability")),
          row.getBigDecimal("expected_value").toBigIntegerExact(),
          BigInteger::add);
      batches
          .computeIfAbsent(row.getString("caller"), caller -> new ArrayList<>())
          .add(row.getString("id"));
    }
    books.lock(
        batches.keySet().stream()
            .flatMap(
                caller ->
                    Stream.of(AccountRef.networkSpent(caller), AccountRef.ticketsIssued(caller)))
            .toList());
    Instant now = clock.instant();
    Map<String, String> journals = new LinkedHashMap<>();
    batches.forEach((caller, of) -> journals.put(caller, journal(books, caller, of, costs, now)));
    books.write();
    String[] batchIds = batches.values().stream().flatMap(List::stream).toArray(String[]::new);
    String[] journalIds =
        batches.entrySet().stream()
            .flatMap(one -> one.getValue().stream().map(id -> journals.get(one.getKey())))
            .toArray(String[]::new);
    books
        .tx()
        .change(
            "insert into ticket_booking (batch_id, journal_id)"
                + " select * from unnest($1::text[], $2::text[])",
            batchIds,
            journalIds);
    outbox.add(books.tx(), Topic.NETWORK_COSTS, events(costs, now));
    return rows.size();
  }

  private static String journal(
      LedgerTransaction books,
      String caller,
      List<String> batches,
      Map<Payer, BigInteger> costs,
      Instant now) {
    BigInteger value =
        costs.entrySet().stream()
            .filter(one -> one.getKey().caller().equals(caller))
            .map(Map.Entry::getValue)
            .reduce(BigInteger.ZERO, BigInteger::add);
    PostingResult booking =
        books.book(
            new Journal(
                "tickets:" + batches.getFirst(),
                "tickets",
                Optional.empty(),
                now,
                batches.size() + " payments of " + caller,
                new Postings()
                    .add(AccountRef.networkSpent(caller), value)
                    .add(AccountRef.ticketsIssued(caller), value.negate())
                    .list()));
    if (!(booking instanceof PostingResult.Booked booked)) {
      throw new IllegalStateException("tickets could not be booked: " + booking);
    }
    return booked.journalId();
  }

  private List<String> events(Map<Payer, BigInteger> costs, Instant now) {
    List<String> events = new ArrayList<>();
    costs.forEach(
        (payer, cost) -> {
          String id = ids.next(IdKind.EVENT);
          Wei wei = new Wei(cost);
          events.add(
              text(
                  new NetworkCostIncurred(
                      id,
                      now,
                      payer.gateway(),
                      payer.tenant(),
                      payer.capability(),
                      wei,
                      etherPrice.dollars(wei))));
        });
    return events;
  }

  private static String text(Object event) {
    return Json.write(event);
  }
}
