package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.charge.JobRefunds;
import io.naap.clearinghouse.ledger.AccountKind;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.Posting;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Undoes journals an operator booked by mistake. Not those of tickets and fundings, which follow
 * what happened elsewhere and would be wrong without it.
 */
@ApplicationScoped
class Reversals {
  private static final Set<String> KINDS = Set.of("payment", "charge", "fee", "sponsor", "signed");

  private final Ledger ledger;
  private final IdleMoney idleMoney;
  private final Clock clock;

  Reversals(Ledger ledger, IdleMoney idleMoney, Clock clock) {
    this.ledger = ledger;
    this.idleMoney = idleMoney;
    this.clock = clock;
  }

  /** Asks for the money that a reversal would take from a tenant and that is set aside for jobs. */
  IdleMoney.Answer free(String journalId) {
    return ledger
        .read(
            tx ->
                tx.one(
                    """
                    select a.owner, sum(p.amount)::bigint amount from posting p join account a on a.id = p.account_id
                    where p.journal_id = $1 and a.kind = 'credit' group by a.owner having sum(p.amount) > 0 limit 1""",
                    journalId))
        .map(row -> idleMoney.free(row.getString("owner"), NanoUsd.ofNanos(row.getLong("amount"))))
        .orElse(IdleMoney.Answer.ASKED);
  }

  Reversal reverse(
      LedgerTransaction books, ReversalRequest request, String by, IdleMoney.Answer asked) {
    Row journal =
        books
            .tx()
            .one("select kind, tenant_id from journal where id = $1", request.journalId())
            .orElseThrow(() -> Refusal.notFound("journal").raise());
    if (!KINDS.contains(journal.getString("kind"))) {
      throw Refusal.conflict("not_reversible", "A journal of this kind is not undone.").raise();
    }
    List<Posting> back = lines(books, request.journalId());
    // The tenant's lock, also for a journal that did not touch its credit.
    books.lock(
        Stream.concat(
                Stream.ofNullable(journal.getString("tenant_id")).map(AccountRef::credit),
                back.stream()
                    .map(Posting::account)
                    .filter(account -> account.kind() == AccountKind.CREDIT))
            .toList());
    books.lock(back.stream().map(Posting::account).toList());
    List<String> givenBack = JobRefunds.givenBack(books.tx(), request.journalId());
    if (!givenBack.isEmpty()) {
      throw Refusal.conflict(
              "given_back",
              "A job of this journal was given back before, so the journal is not undone: "
                  + String.join(", ", givenBack.subList(0, Math.min(5, givenBack.size())))
                  + ". Correct the other usage events one by one.")
          .raise();
    }
    String key = "reversal:" + request.journalId();
    books.know(List.of(key));
    PostingResult booking =
        books.book(
            new Journal(
                key,
                "reversal",
                Optional.ofNullable(journal.getString("tenant_id")),
                clock.instant(),
                request.reason(),
                back));
    return switch (booking) {
      case PostingResult.Booked booked -> record(books, request, booked.journalId(), by);
      case PostingResult.AlreadyBooked before ->
          throw Refusal.conflict("reversed", "The journal was undone before.").raise();
      case PostingResult.InsufficientBalance spent ->
          throw switch (asked) {
            case ASKED ->
                Refusal.conflict(
                        "spent", "The money is spent; book what is owed instead of undoing this.")
                    .raise();
            case HELD ->
                Refusal.conflict(
                        "held",
                        "The money is held for jobs that run; try again when they have ended.")
                    .raise();
            case UNAVAILABLE ->
                Refusal.unavailable(
                        "The money is set aside for jobs and cannot be asked for now; try again.")
                    .raise();
          };
    };
  }

  /** What undoes a journal; money of a funding that is closed goes to its tenant's credit. */
  private static List<Posting> lines(LedgerTransaction books, String journalId) {
    return books
        .tx()
        .query(
            """
            select case when f.closed_at is null then a.owner else f.tenant_id end as owner,
              case when f.closed_at is null then a.kind else 'credit' end as kind, p.amount
            from posting p join account a on a.id = p.account_id
            left join funding f on f.id = a.owner and a.kind = 'set_aside'
            where p.journal_id = $1 order by p.id""",
            journalId)
        .stream()
        .map(
            row ->
                new Posting(
                    new AccountRef(
                        row.getString("owner"),
                        AccountKind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT))),
                    row.getBigDecimal("amount").toBigIntegerExact().negate()))
        .toList();
  }

  private Reversal record(
      LedgerTransaction books, ReversalRequest request, String reversedBy, String by) {
    books.write();
    JobRefunds.reverse(books.tx(), request.journalId(), reversedBy);
    books
        .tx()
        .change(
            "insert into journal_reversal (journal_id, reversed_by, reason, created_by, created_at)"
                + " values ($1, $2, $3, $4, $5)",
            request.journalId(),
            reversedBy,
            request.reason(),
            by,
            clock.instant().atOffset(ZoneOffset.UTC));
    return new Reversal(request.journalId(), reversedBy);
  }
}
