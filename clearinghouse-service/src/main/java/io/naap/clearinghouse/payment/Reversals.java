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
 * Reverses journals that an operator booked by mistake. Journals of tickets and fundings are not
 * reversed: they record what happened elsewhere.
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

  /** Asks for idle money of the tenant that the reversal would take money from. */
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

  /** The outcome of a reversal. */
  sealed interface Outcome {
    record Reversed(Reversal reversal) implements Outcome {}

    /** Nothing is to be recorded; the transaction must be rolled back. */
    record Refused(Refusal refusal) implements Outcome {}
  }

  /**
   * Reverses a journal.
   *
   * @param asked what came of asking for idle money that the reversal takes from a tenant
   */
  Outcome reverse(
      LedgerTransaction transaction, ReversalRequest request, String by, IdleMoney.Answer asked) {
    Optional<Row> journal =
        transaction
            .tx()
            .one("select kind, tenant_id from journal where id = $1", request.journalId());
    if (journal.isEmpty()) {
      return new Outcome.Refused(Refusal.notFound("journal"));
    }
    if (!KINDS.contains(journal.get().getString("kind"))) {
      return new Outcome.Refused(
          Refusal.conflict("not_reversible", "A journal of this kind is not undone."));
    }
    Optional<String> tenant = Optional.ofNullable(journal.get().getString("tenant_id"));
    List<Posting> back = opposite(transaction, request.journalId());
    lock(transaction, tenant, back);
    List<String> givenBack = JobRefunds.givenBack(transaction.tx(), request.journalId());
    if (!givenBack.isEmpty()) {
      return new Outcome.Refused(givenBack(givenBack));
    }
    String key = "reversal:" + request.journalId();
    transaction.know(List.of(key));
    PostingResult result =
        transaction.book(
            new Journal(key, "reversal", tenant, clock.instant(), request.reason(), back));
    return switch (result) {
      case PostingResult.Booked booked ->
          new Outcome.Reversed(record(transaction, request, booked.journalId(), by));
      case PostingResult.AlreadyBooked before ->
          new Outcome.Refused(Refusal.conflict("reversed", "The journal was undone before."));
      case PostingResult.InsufficientBalance spent -> new Outcome.Refused(spent(asked));
    };
  }

  /** Locks the tenant, also for a journal that did not touch its credit, and then the accounts. */
  private static void lock(
      LedgerTransaction transaction, Optional<String> tenant, List<Posting> back) {
    transaction.lock(
        Stream.concat(
                tenant.map(AccountRef::credit).stream(),
                back.stream()
                    .map(Posting::account)
                    .filter(account -> account.kind() == AccountKind.CREDIT))
            .toList());
    transaction.lock(back.stream().map(Posting::account).toList());
  }

  private static Refusal givenBack(List<String> jobs) {
    return Refusal.conflict(
        "given_back",
        "A job of this journal was given back before, so the journal is not undone: "
            + String.join(", ", jobs.subList(0, Math.min(5, jobs.size())))
            + ". Correct the other usage events one by one.");
  }

  private static Refusal spent(IdleMoney.Answer asked) {
    return switch (asked) {
      case ASKED ->
          Refusal.conflict(
              "spent", "The money is spent; book what is owed instead of undoing this.");
      case HELD ->
          Refusal.conflict(
              "held", "The money is held for jobs that run; try again when they have ended.");
      case UNAVAILABLE ->
          Refusal.unavailable(
              "The money is set aside for jobs and cannot be asked for now; try again.");
    };
  }

  /** The opposite postings; money of a closed funding goes to its tenant's credit. */
  private static List<Posting> opposite(LedgerTransaction books, String journalId) {
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
