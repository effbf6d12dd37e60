package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** The budgets from which sponsors pay the jobs of other tenants. */
@ApplicationScoped
class Sponsors {
  private final Ledger ledger;
  private final Ids ids;
  private final Clock clock;

  Sponsors(Ledger ledger, Ids ids, Clock clock) {
    this.ledger = ledger;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * Puts money into a budget; what the budget owes is paid first.
   *
   * @return absent when the sponsor has less credit
   */
  Optional<SponsorBudget> fund(
      LedgerTransaction books, String id, SponsorRequest request, String by) {
    Optional<String> sponsor = Optional.ofNullable(request.sponsorTenantId());
    AccountRef from = sponsor.map(AccountRef::credit).orElseGet(AccountRef::creditsIssued);
    AccountRef budget = AccountRef.sponsorBudget(id);
    AccountRef owed = AccountRef.sponsorOwed(id);
    books.lock(List.of(from));
    books.lock(List.of(budget, owed));
    NanoUsd debt = books.dollars(owed).negated().min(request.amount());
    PostingResult booking =
        books.book(
            new Journal(
                "sponsor:" + ids.next(IdKind.EVENT),
                "sponsor",
                sponsor,
                clock.instant(),
                request.reason() + " (by " + by + ")",
                new Postings()
                    .add(from, request.amount().negated())
                    .add(owed, debt)
                    .add(budget, request.amount().minus(debt))
                    .list()));
    if (booking instanceof PostingResult.InsufficientBalance) {
      return Optional.empty();
    }
    books
        .tx()
        .change(
            """
            insert into sponsor_budget (id, sponsor_tenant_id, created_at) values ($1, $2, $3)
            on conflict do nothing""",
            id,
            request.sponsorTenantId(),
            clock.instant().atOffset(ZoneOffset.UTC));
    return Optional.of(new SponsorBudget(id, books.dollars(budget), books.dollars(owed).negated()));
  }

  Optional<SponsorBudget> find(String id) {
    if (!IdKind.BUDGET.matches(id)) {
      return Optional.empty();
    }
    return ledger
        .read(
            tx ->
                tx.one(
                    """
                    select
                      (sum(balance) filter (where kind = 'sponsor_budget'))::bigint has,
                      coalesce(sum(balance) filter (where kind = 'sponsor_owed'), 0)::bigint owed
                    from account where owner = $1""",
                    id))
        .filter(row -> row.getLong("has") != null)
        .map(
            row ->
                new SponsorBudget(
                    id,
                    NanoUsd.ofNanos(row.getLong("has")),
                    NanoUsd.ofNanos(row.getLong("owed")).negated()));
  }
}
