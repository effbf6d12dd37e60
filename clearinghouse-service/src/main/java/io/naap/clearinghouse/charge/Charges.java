package io.naap.clearinghouse.charge;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.stream.Events;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.stream.StreamReader;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Books charges, a batch in one transaction and of each tenant in one journal: the more there is to
 * do, the less each charge costs the ledger.
 */
@ApplicationScoped
public class Charges {
  private final Ledger ledger;
  private final ClearinghouseMetrics metrics;

  Charges(Ledger ledger, ClearinghouseMetrics metrics) {
    this.ledger = ledger;
    this.metrics = metrics;
  }

  /** Takes entries of the stream; returns when they are committed. */
  void take(List<StreamReader.Entry> entries) {
    Events<ChargeRated> events =
        Events.read(entries, ChargeRated.class, ChargeRated::usageEventId, Charges::isSensible);
    int booked =
        ledger.transact(
            books -> {
              events.setApart(books.tx());
              return events.byId().isEmpty() ? 0 : book(books, List.copyOf(events.byId().values()));
            });
    metrics.chargesTaken(booked, events.byId().size() - booked, events.unreadable().size());
  }

  private static boolean isSensible(ChargeRated charge) {
    boolean complete =
        Stream.of(
                charge.eventId(),
                charge.usageEventId(),
                charge.requestId(),
                charge.occurredAt(),
                charge.tenantId(),
                charge.keyId(),
                charge.capability(),
                charge.model(),
                charge.gateway(),
                charge.units(),
                charge.amount(),
                charge.fundingId())
            .allMatch(Objects::nonNull);
    return complete && !charge.amount().isNegative();
  }

  private static Optional<Sponsored> sponsored(ChargeRated charge) {
    // An event of before there were sponsors has none.
    return charge.sponsored() == null
        ? Optional.empty()
        : charge.sponsored().filter(part -> part.amount().isPositive());
  }

  private int book(LedgerTransaction books, List<ChargeRated> charges) {
    books.lock(charges.stream().map(c -> AccountRef.credit(c.tenantId())).toList());
    Map<String, String> fundings = fundingsOf(books, charges);
    Set<AccountRef> accounts = new HashSet<>();
    for (ChargeRated charge : charges) {
      accounts.add(AccountRef.owed(charge.tenantId()));
      accounts.add(AccountRef.revenue(charge.tenantId()));
      funding(charge, fundings).ifPresent(accounts::add);
      sponsored(charge)
          .ifPresent(
              part -> {
                accounts.add(AccountRef.sponsorBudget(part.budgetId()));
                accounts.add(AccountRef.sponsorOwed(part.budgetId()));
              });
    }
    books.lock(accounts);
    Set<String> before = charged(books, charges);
    Map<String, List<ChargeRated>> fresh = new LinkedHashMap<>();
    for (ChargeRated charge : charges) {
      if (!before.contains(charge.usageEventId())) {
        fresh.computeIfAbsent(charge.tenantId(), tenant -> new ArrayList<>()).add(charge);
      }
    }
    books.know(fresh.values().stream().map(Charges::businessKey).toList());
    Map<ChargeRated, String> written = new LinkedHashMap<>();
    Map<String, Long> settled = new TreeMap<>();
    fresh.forEach(
        (tenant, some) -> {
          switch (books.book(journal(books, tenant, some, fundings))) {
            case PostingResult.Booked booked -> {
              for (ChargeRated charge : some) {
                written.put(charge, booked.journalId());
                long cost = charge.settled().orElse(charge.amount()).nanos();
                funding(charge, fundings)
                    .ifPresent(of -> settled.merge(of.owner(), cost, Math::addExact));
              }
            }
            case PostingResult.AlreadyBooked impossible ->
                throw new IllegalStateException(
                    "a journal without its charges: " + impossible.journalId());
            case PostingResult.InsufficientBalance impossible ->
                throw new IllegalStateException("short under lock: " + impossible.account());
          }
        });
    books.write();
    settle(books, settled);
    remember(books, written);
    return written.size();
  }

  /** Which of these were charged before; only under their tenants' locks. */
  private static Set<String> charged(LedgerTransaction books, List<ChargeRated> charges) {
    Set<String> charged = new HashSet<>();
    books
        .tx()
        .query(
            "select usage_event_id from charge where usage_event_id = any($1)",
            (Object) charges.stream().map(ChargeRated::usageEventId).toArray(String[]::new))
        .forEach(row -> charged.add(row.getString(0)));
    return charged;
  }

  /** What admission has counted as spent for these; it may have been more than they cost. */
  private static void settle(LedgerTransaction books, Map<String, Long> settled) {
    if (!settled.isEmpty()) {
      books
          .tx()
          .send(
              """
              update funding f set settled = f.settled + w.cost
              from unnest($1::text[], $2::bigint[]) w(id, cost) where f.id = w.id""",
              settled.keySet().toArray(String[]::new),
              settled.values().toArray(Long[]::new));
    }
  }

  /** The first of them is in no other journal, so neither is the key. */
  private static String businessKey(List<ChargeRated> charges) {
    return "charge:" + charges.getFirst().usageEventId();
  }

  /** Funding to tenant: an event may only spend a funding of its own tenant. */
  private static Map<String, String> fundingsOf(
      LedgerTransaction books, List<ChargeRated> charges) {
    Map<String, String> owners = new HashMap<>();
    books
        .tx()
        .query(
            "select id, tenant_id from funding where id = any($1)",
            (Object)
                charges.stream()
                    .flatMap(charge -> charge.fundingId().stream())
                    .distinct()
                    .toArray(String[]::new))
        .forEach(row -> owners.put(row.getString("id"), row.getString("tenant_id")));
    return owners;
  }

  private static Optional<AccountRef> funding(ChargeRated charge, Map<String, String> owners) {
    return charge
        .fundingId()
        .filter(id -> charge.tenantId().equals(owners.get(id)))
        .map(AccountRef::setAside);
  }

  /** What a tenant is charged by a batch: one journal, however many jobs; each has its row. */
  private static Journal journal(
      LedgerTransaction books,
      String tenant,
      List<ChargeRated> charges,
      Map<String, String> fundings) {
    Purse purse = new Purse(books);
    NanoUsd earned = NanoUsd.ZERO;
    for (ChargeRated charge : charges) {
      NanoUsd rest =
          funding(charge, fundings)
              .map(account -> charge.amount().minus(purse.take(account, charge.amount())))
              .orElse(charge.amount());
      rest = rest.minus(purse.take(AccountRef.credit(tenant), rest));
      purse.owe(AccountRef.owed(tenant), rest);
      earned = earned.plus(charge.amount());
      Optional<Sponsored> sponsored = sponsored(charge);
      if (sponsored.isPresent()) {
        // What a sponsor pays comes from its budget; beyond it the sponsor owes.
        Sponsored part = sponsored.get();
        NanoUsd there = purse.take(AccountRef.sponsorBudget(part.budgetId()), part.amount());
        purse.owe(AccountRef.sponsorOwed(part.budgetId()), part.amount().minus(there));
        earned = earned.plus(part.amount());
      }
    }
    return new Journal(
        businessKey(charges),
        "charge",
        Optional.of(tenant),
        charges.stream().map(ChargeRated::occurredAt).max(Comparator.naturalOrder()).orElseThrow(),
        charges.size() == 1 ? charges.getFirst().capability() : charges.size() + " jobs",
        purse.lines.add(AccountRef.revenue(tenant), earned).summed());
  }

  /** Accounts that are drawn from while a journal is made. */
  private static final class Purse {
    private final LedgerTransaction books;
    private final Map<AccountRef, NanoUsd> taken = new HashMap<>();
    private final Postings lines = new Postings();

    Purse(LedgerTransaction books) {
      this.books = books;
    }

    /** Takes so much, or what is there; says how much it was. */
    NanoUsd take(AccountRef account, NanoUsd most) {
      NanoUsd before = taken.getOrDefault(account, NanoUsd.ZERO);
      NanoUsd some = books.dollars(account).minus(before).min(most);
      taken.put(account, before.plus(some));
      lines.add(account, some.negated());
      return some;
    }

    void owe(AccountRef account, NanoUsd amount) {
      lines.add(account, amount.negated());
    }
  }

  private static OffsetDateTime ratedAt(ChargeRated charge) {
    return charge.ratedAt() == null ? null : charge.ratedAt().atOffset(ZoneOffset.UTC);
  }

  /** What was charged: a usage event once, for ever. */
  private static void remember(LedgerTransaction books, Map<ChargeRated, String> written) {
    List<ChargeRated> charges = List.copyOf(written.keySet());
    if (charges.isEmpty()) {
      return;
    }
    books
        .tx()
        .change(
            """
            insert into charge (usage_event_id, journal_id, request_id, occurred_at, tenant_id,
              key_id, capability, model, gateway, units, milliseconds, amount, sponsored, budget_id,
              pool, rated_at)
            select e, j, r, o, t, k, c, m, g, u, ms, a, s, b, p, at
            from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[],
              $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::bigint[],
              $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::timestamptz[])
              x(e, j, r, o, t, k, c, m, g, u, ms, a, s, b, p, at)""",
            charges.stream().map(ChargeRated::usageEventId).toArray(String[]::new),
            written.values().toArray(String[]::new),
            charges.stream().map(ChargeRated::requestId).toArray(String[]::new),
            charges.stream()
                .map(c -> c.occurredAt().atOffset(ZoneOffset.UTC))
                .toArray(OffsetDateTime[]::new),
            charges.stream().map(ChargeRated::tenantId).toArray(String[]::new),
            charges.stream().map(ChargeRated::keyId).toArray(String[]::new),
            charges.stream().map(ChargeRated::capability).toArray(String[]::new),
            charges.stream().map(ChargeRated::model).toArray(String[]::new),
            charges.stream().map(ChargeRated::gateway).toArray(String[]::new),
            charges.stream()
                .map(c -> new JsonObject(Json.write(c.units())))
                .toArray(JsonObject[]::new),
            charges.stream().map(c -> c.units().get(Unit.MILLISECONDS)).toArray(Long[]::new),
            charges.stream().map(c -> c.amount().nanos()).toArray(Long[]::new),
            charges.stream()
                .map(c -> sponsored(c).map(part -> part.amount().nanos()).orElse(0L))
                .toArray(Long[]::new),
            charges.stream()
                .map(c -> sponsored(c).map(Sponsored::budgetId).orElse(null))
                .toArray(String[]::new),
            charges.stream()
                .map(c -> Objects.requireNonNullElse(c.pool(), ""))
                .toArray(String[]::new),
            charges.stream().map(Charges::ratedAt).toArray(OffsetDateTime[]::new));
  }
}
