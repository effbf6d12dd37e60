package io.naap.clearinghouse.funding;

import io.naap.clearinghouse.charge.Invoices;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Moves a tenant's credit into its open funding, and back when an epoch ends. */
@ApplicationScoped
public class Fundings {
  private static final Logger LOG = Logger.getLogger(Fundings.class);

  private final Ledger ledger;
  private final Invoices invoices;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;

  Fundings(
      Ledger ledger,
      Invoices invoices,
      Outbox outbox,
      Ids ids,
      Clock clock,
      ClearinghouseMetrics metrics) {
    this.ledger = ledger;
    this.invoices = invoices;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
  }

  private record Stored(String id, String epoch, NanoUsd total, boolean open) {}

  FundingOutcome fund(FundRequest request) {
    FundingOutcome outcome = ledger.transact(books -> fund(books, request));
    metrics.fundingAsked(
        switch (outcome) {
          case FundingOutcome.Funded funded -> "funded";
          case FundingOutcome.Closed closed -> "closed";
          case FundingOutcome.Ahead ahead -> "ahead";
        });
    return outcome;
  }

  private FundingOutcome fund(LedgerTransaction books, FundRequest request) {
    // The credit account is the tenant's lock: everything below is read and written under it.
    books.lock(List.of(AccountRef.credit(request.tenantId())));
    Optional<Stored> known =
        find(books, "tenant_id = $1 and epoch = $2", request.tenantId(), request.epoch());
    if (known.isPresent() && !known.get().open()) {
      return new FundingOutcome.Closed();
    }
    NanoUsd total = known.map(Stored::total).orElse(NanoUsd.ZERO);
    if (request.seen().compareTo(total) > 0) {
      return new FundingOutcome.Ahead();
    }
    Stored funding = known.orElseGet(() -> open(books, request));
    if (request.seen().compareTo(funding.total()) < 0) {
      return funded(request, funding);
    }
    return funded(request, extend(books, request, funding));
  }

  private Stored open(LedgerTransaction books, FundRequest request) {
    find(books, "tenant_id = $1 and closed_at is null", request.tenantId())
        .ifPresent(older -> close(books, request.tenantId(), older));
    Stored opened = new Stored(ids.next(IdKind.FUNDING), request.epoch(), NanoUsd.ZERO, true);
    books
        .tx()
        .change(
            "insert into funding (id, tenant_id, epoch) values ($1, $2, $3)",
            opened.id(),
            request.tenantId(),
            request.epoch());
    return opened;
  }

  /** What the older epoch left unspent is the tenant's again. */
  private void close(LedgerTransaction books, String tenantId, Stored older) {
    AccountRef aside = AccountRef.setAside(older.id());
    books.lock(List.of(aside));
    NanoUsd left = books.dollars(aside);
    if (left.isPositive()) {
      giveBack(books, tenantId, aside, left, "funding_closed:" + older.id());
    }
    Instant now = clock.instant();
    books
        .tx()
        .change(
            "update funding set closed_at = $2 where id = $1",
            older.id(),
            now.atOffset(ZoneOffset.UTC));
    LOG.infof("funding closed, funding=%s tenant=%s", older.id(), tenantId);
  }

  /**
   * Books what admission's store has taken back of a funding so far.
   *
   * @param withdrawn everything ever taken back there; what was booked before is not booked again
   */
  NanoUsd giveBack(String tenantId, String fundingId, long withdrawn) {
    NanoUsd given =
        ledger.transact(
            books -> {
              books.lock(List.of(AccountRef.credit(tenantId)));
              Optional<Row> row =
                  books
                      .tx()
                      .one(
                          "select withdrawn from funding where id = $1 and closed_at is null",
                          fundingId);
              long before = row.map(open -> open.getLong("withdrawn")).orElse(withdrawn);
              if (withdrawn <= before) {
                return NanoUsd.ZERO;
              }
              AccountRef aside = AccountRef.setAside(fundingId);
              books.lock(List.of(aside));
              // Jobs that cost more than was held for them may have used some of it: what is
              // missing
              // then was theirs, and counts as if it had been returned.
              NanoUsd amount = NanoUsd.ofNanos(withdrawn - before).min(books.dollars(aside));
              if (amount.isPositive()) {
                giveBack(
                    books,
                    tenantId,
                    aside,
                    amount,
                    "funding_returned:" + fundingId + ":" + withdrawn);
              }
              books
                  .tx()
                  .change("update funding set withdrawn = $2 where id = $1", fundingId, withdrawn);
              return amount;
            });
    outbox.poke();
    return given;
  }

  /** Money set aside is the tenant's again: it pays the debt first, and the rest is free. */
  private void giveBack(
      LedgerTransaction books,
      String tenantId,
      AccountRef aside,
      NanoUsd amount,
      String businessKey) {
    AccountRef owed = AccountRef.owed(tenantId);
    books.lock(List.of(owed));
    NanoUsd debt = books.dollars(owed).negated().min(amount);
    book(
        books,
        new Journal(
            businessKey,
            businessKey.substring(0, businessKey.indexOf(':')),
            Optional.of(tenantId),
            clock.instant(),
            "set aside and not used",
            new Postings()
                .add(aside, amount.negated())
                .add(owed, debt)
                .add(AccountRef.credit(tenantId), amount.minus(debt))
                .list()));
    invoices.settle(books, tenantId, debt);
  }

  private Stored extend(LedgerTransaction books, FundRequest request, Stored funding) {
    AccountRef credit = AccountRef.credit(request.tenantId());
    NanoUsd granted = request.wanted().min(books.dollars(credit));
    if (!granted.isPositive()) {
      return funding;
    }
    AccountRef aside = AccountRef.setAside(funding.id());
    books.lock(List.of(aside));
    NanoUsd total = funding.total().plus(granted);
    book(
        books,
        new Journal(
            "funding:" + funding.id() + ":" + total.nanos(),
            "funding",
            Optional.of(request.tenantId()),
            clock.instant(),
            "set aside for admission",
            new Postings().add(credit, granted.negated()).add(aside, granted).list()));
    books.tx().change("update funding set total = $2 where id = $1", funding.id(), total.nanos());
    return new Stored(funding.id(), funding.epoch(), total, true);
  }

  private static void book(LedgerTransaction books, Journal journal) {
    books.know(List.of(journal.businessKey()));
    switch (books.book(journal)) {
      case PostingResult.Booked booked -> LOG.debugf("booked, journal=%s", booked.journalId());
      case PostingResult.AlreadyBooked twice ->
          throw new IllegalStateException("booked before: " + journal.businessKey());
      case PostingResult.InsufficientBalance tooLittle ->
          throw new IllegalStateException("short under lock: " + tooLittle.account());
    }
  }

  private static Optional<Stored> find(
      LedgerTransaction books, String where, Object... parameters) {
    return books
        .tx()
        .one("select id, epoch, total, closed_at from funding where " + where, parameters)
        .map(Fundings::stored);
  }

  private static Stored stored(Row row) {
    return new Stored(
        row.getString("id"),
        row.getString("epoch"),
        NanoUsd.ofNanos(row.getLong("total")),
        row.getOffsetDateTime("closed_at") == null);
  }

  private static FundingOutcome funded(FundRequest request, Stored funding) {
    return new FundingOutcome.Funded(
        new Funding(funding.id(), request.tenantId(), funding.epoch(), funding.total()));
  }
}
