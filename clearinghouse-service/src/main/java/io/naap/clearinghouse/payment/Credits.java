package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Booking;
import io.naap.clearinghouse.ledger.Books;
import io.naap.clearinghouse.ledger.Journal;
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

/** Gives credit: the debt is paid first, the rest is free to spend. */
@ApplicationScoped
public class Credits {
  private static final Logger LOG = Logger.getLogger(Credits.class);

  private final Ids ids;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;

  Credits(Ids ids, Clock clock, ClearinghouseMetrics metrics) {
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
  }

  Payment give(Books books, CreditRequest request, String by) {
    AccountRef credit = AccountRef.credit(request.tenantId());
    AccountRef owed = AccountRef.owed(request.tenantId());
    books.lock(List.of(credit));
    books.lock(List.of(owed, AccountRef.creditsIssued()));
    NanoUsd debtPaid = books.dollars(owed).negated().min(request.amount());
    String id = ids.next(IdKind.PAYMENT);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Booking booking =
        books.book(
            new Journal(
                "payment:" + id,
                "payment",
                Optional.of(request.tenantId()),
                now,
                request.reason(),
                new Journal.Lines()
                    .add(AccountRef.creditsIssued(), request.amount().negated())
                    .add(owed, debtPaid)
                    .add(credit, request.amount().minus(debtPaid))
                    .list()));
    return switch (booking) {
      case Booking.Booked booked -> record(books, request, by, id, now, booked.journalId());
      case Booking.AlreadyBooked impossible -> throw new IllegalStateException("id made twice");
      case Booking.TooLittle impossible ->
          throw new IllegalStateException("giving credit cannot pass a bound");
    };
  }

  private Payment record(
      Books books, CreditRequest request, String by, String id, Instant now, String journalId) {
    books
        .tx()
        .change(
            """
            insert into payment (id, tenant_id, kind, amount, reason, created_by, journal_id,
              created_at)
            values ($1, $2, 'credit', $3, $4, $5, $6, $7)""",
            id,
            request.tenantId(),
            request.amount().nanos(),
            request.reason(),
            by,
            journalId,
            now.atOffset(ZoneOffset.UTC));
    metrics.paymentReceived("credit");
    LOG.infof("credit given, payment=%s tenant=%s by=%s", id, request.tenantId(), by);
    return new Payment(
        id, request.tenantId(), "credit", request.amount(), request.reason(), journalId, now);
  }
}
