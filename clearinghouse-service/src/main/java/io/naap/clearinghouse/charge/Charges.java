package io.naap.clearinghouse.charge;

import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Booking;
import io.naap.clearinghouse.ledger.Books;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.stream.Events;
import io.naap.clearinghouse.stream.StreamReader;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.money.NanoUsd;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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
import org.jboss.logging.Logger;

/** Books charges, a batch in one transaction. */
@ApplicationScoped
public class Charges {
  private static final Logger LOG = Logger.getLogger(Charges.class);

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

  private int book(Books books, List<ChargeRated> charges) {
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
    books.know(charges.stream().map(Charges::businessKey).toList());
    Map<String, ChargeRated> written = new LinkedHashMap<>();
    Map<String, Long> settled = new TreeMap<>();
    for (ChargeRated charge : charges) {
      Optional<AccountRef> funding = funding(charge, fundings);
      Journal journal = journal(books, charge, funding);
      switch (books.book(journal)) {
        case Booking.Booked booked -> {
          written.put(booked.journalId(), charge);
          long cost = charge.settled().orElse(charge.amount()).nanos();
          funding.ifPresent(of -> settled.merge(of.owner(), cost, Math::addExact));
        }
        case Booking.AlreadyBooked before -> LOG.debugf("charged before, %s", before.journalId());
        case Booking.TooLittle impossible ->
            throw new IllegalStateException("short under lock: " + impossible.account());
      }
    }
    books.write();
    settle(books, settled);
    remember(books, charges, written);
    return written.size();
  }

  /** What admission has counted as spent for these; it may have been more than they cost. */
  private static void settle(Books books, Map<String, Long> settled) {
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

  private static String businessKey(ChargeRated charge) {
    return "charge:" + charge.usageEventId();
  }

  /** Funding to tenant: an event may only spend a funding of its own tenant. */
  private static Map<String, String> fundingsOf(Books books, List<ChargeRated> charges) {
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

  private static Journal journal(Books books, ChargeRated charge, Optional<AccountRef> funding) {
    String tenant = charge.tenantId();
    NanoUsd fromFunding = funding.map(books::dollars).orElse(NanoUsd.ZERO).min(charge.amount());
    NanoUsd rest = charge.amount().minus(fromFunding);
    NanoUsd fromCredit = books.dollars(AccountRef.credit(tenant)).min(rest);
    Journal.Lines lines = new Journal.Lines();
    funding.ifPresent(account -> lines.add(account, fromFunding.negated()));
    lines
        .add(AccountRef.credit(tenant), fromCredit.negated())
        .add(AccountRef.owed(tenant), rest.minus(fromCredit).negated())
        .add(AccountRef.revenue(tenant), charge.amount());
    sponsored(charge).ifPresent(part -> sponsor(books, part, tenant, lines));
    return new Journal(
        businessKey(charge),
        "charge",
        Optional.of(tenant),
        charge.occurredAt(),
        charge.capability(),
        lines.list());
  }

  /** What a sponsor pays comes from its budget; beyond it the sponsor owes. */
  private static void sponsor(Books books, Sponsored part, String tenant, Journal.Lines lines) {
    AccountRef budget = AccountRef.sponsorBudget(part.budgetId());
    NanoUsd there = books.dollars(budget).min(part.amount());
    lines
        .add(budget, there.negated())
        .add(AccountRef.sponsorOwed(part.budgetId()), part.amount().minus(there).negated())
        .add(AccountRef.revenue(tenant), part.amount());
  }

  private static void remember(
      Books books, List<ChargeRated> all, Map<String, ChargeRated> written) {
    books
        .tx()
        .change(
            "insert into inbox (event_id) select distinct unnest($1::text[]) on conflict do nothing",
            (Object) all.stream().map(ChargeRated::eventId).toArray(String[]::new));
    List<ChargeRated> charges = List.copyOf(written.values());
    if (charges.isEmpty()) {
      return;
    }
    books
        .tx()
        .change(
            """
            insert into charge (usage_event_id, journal_id, request_id, occurred_at, tenant_id,
              key_id, capability, model, gateway, units, milliseconds, amount, sponsored, budget_id,
              pool)
            select e, j, r, o, t, k, c, m, g, u, ms, a, s, b, p
            from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[],
              $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::bigint[],
              $12::bigint[], $13::bigint[], $14::text[], $15::text[])
              x(e, j, r, o, t, k, c, m, g, u, ms, a, s, b, p)""",
            charges.stream().map(ChargeRated::usageEventId).toArray(String[]::new),
            written.keySet().toArray(String[]::new),
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
                .toArray(String[]::new));
  }
}
