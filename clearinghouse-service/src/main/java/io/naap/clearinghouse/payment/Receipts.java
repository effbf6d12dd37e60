package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.charge.Invoices;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Money for a tenant, wherever it comes from, and money that goes back. What comes in pays the debt
 * first, and the invoices due first; the rest is free to spend.
 */
@ApplicationScoped
public class Receipts {
  private static final Logger LOG = Logger.getLogger(Receipts.class);

  private final Invoices invoices;
  private final Ids ids;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;

  Receipts(Invoices invoices, Ids ids, Clock clock, ClearinghouseMetrics metrics) {
    this.invoices = invoices;
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * Money of a tenant.
   *
   * @param kind as in {@link Payment}
   * @param amount above zero
   * @param counter the account on the other side
   * @param externalId what it is called outside; booked once for ever
   */
  public record Money(
      String tenantId,
      String kind,
      NanoUsd amount,
      AccountRef counter,
      String reason,
      String by,
      Optional<String> externalId) {}

  /** Books money that came in; the same external one again gives the first payment. */
  public Payment in(LedgerTransaction books, Money money) {
    AccountRef credit = AccountRef.credit(money.tenantId());
    AccountRef owed = AccountRef.owed(money.tenantId());
    books.lock(List.of(credit));
    Optional<Payment> before = find(books, money);
    if (before.isPresent()) {
      return before.get();
    }
    books.lock(List.of(owed, money.counter()));
    NanoUsd debtPaid = books.dollars(owed).negated().min(money.amount());
    Payment payment =
        book(
            books,
            money,
            new Postings()
                .add(money.counter(), money.amount().negated())
                .add(owed, debtPaid)
                .add(credit, money.amount().minus(debtPaid)));
    invoices.settle(books, money.tenantId(), debtPaid);
    return payment;
  }

  /**
   * Books money that goes back to where it came from.
   *
   * @param force also what is not there any more, as a debt: for disputes, which nobody asks us
   *     about
   * @return nothing when the tenant has not so much
   */
  public Optional<Payment> out(LedgerTransaction books, Money money, boolean force) {
    AccountRef credit = AccountRef.credit(money.tenantId());
    AccountRef owed = AccountRef.owed(money.tenantId());
    books.lock(List.of(credit));
    Optional<Payment> before = find(books, money);
    if (before.isPresent()) {
      return before;
    }
    books.lock(List.of(owed, money.counter()));
    NanoUsd there = books.dollars(credit).min(money.amount());
    if (!force && there.compareTo(money.amount()) < 0) {
      return Optional.empty();
    }
    return Optional.of(
        book(
            books,
            money,
            new Postings()
                .add(credit, there.negated())
                .add(owed, money.amount().minus(there).negated())
                .add(money.counter(), money.amount())));
  }

  /** True when the same external money was booked before; under the tenant's lock from here on. */
  public boolean isBooked(LedgerTransaction books, Money money) {
    books.lock(List.of(AccountRef.credit(money.tenantId())));
    return find(books, money).isPresent();
  }

  private static Optional<Payment> find(LedgerTransaction books, Money money) {
    return money
        .externalId()
        .flatMap(
            external ->
                books
                    .tx()
                    .one(
                        "select * from payment where kind = $1 and external_id = $2",
                        money.kind(),
                        external))
        .map(Payment::read);
  }

  private Payment book(LedgerTransaction books, Money money, Postings lines) {
    String id = ids.next(IdKind.PAYMENT);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    PostingResult booking =
        books.book(
            new Journal(
                "payment:" + id,
                "payment",
                Optional.of(money.tenantId()),
                now,
                money.reason(),
                lines.list()));
    if (!(booking instanceof PostingResult.Booked booked)) {
      throw new IllegalStateException("a payment could not be booked: " + booking);
    }
    books
        .tx()
        .change(
            """
            insert into payment (id, tenant_id, kind, amount, reason, created_by, journal_id,
              created_at, external_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
            id,
            money.tenantId(),
            money.kind(),
            money.amount().nanos(),
            money.reason(),
            money.by(),
            booked.journalId(),
            now.atOffset(ZoneOffset.UTC),
            money.externalId().orElse(null));
    metrics.paymentReceived(money.kind());
    LOG.infof(
        "money booked, payment=%s kind=%s tenant=%s by=%s",
        id, money.kind(), money.tenantId(), money.by());
    return new Payment(
        id,
        money.tenantId(),
        money.kind(),
        money.amount(),
        money.reason(),
        booked.journalId(),
        now);
  }
}
