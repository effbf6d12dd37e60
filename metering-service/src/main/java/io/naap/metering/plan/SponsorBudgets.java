package io.naap.metering.plan;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;

/** Stores sponsors' budgets in Postgres. */
@ApplicationScoped
class SponsorBudgets {
  private final Transactions transactions;
  private final Ids ids;

  SponsorBudgets(Transactions transactions, Ids ids) {
    this.transactions = transactions;
    this.ids = ids;
  }

  /** Returns a page of the budgets, in the order they were created. */
  Page<Budget> list(PageRequest page) {
    return Page.of(
        transactions
            .run(
                tx ->
                    tx.query(
                        "select * from budget where id > $1 order by id limit $2",
                        page.afterId(IdKind.BUDGET).orElse(""),
                        page.oneMore()))
            .stream()
            .map(
                row ->
                    new Budget(
                        row.getString("id"),
                        row.getString("sponsor"),
                        NanoUsd.ofNanos(row.getLong("total")),
                        NanoUsd.ofNanos(row.getLong("spent"))))
            .toList(),
        page.size(),
        budget -> Cursor.of(budget.id()));
  }

  /** Creates a budget. */
  Budget create(Tx tx, Budget.Request request) {
    Names.check("sponsor", request.sponsor());
    if (request.total() == null || !request.total().isPositive()) {
      throw Refusal.invalid("total is an amount above zero.").raise();
    }
    String id = ids.next(IdKind.BUDGET);
    tx.change(
        "insert into budget (id, sponsor, total) values ($1, $2, $3)",
        id,
        request.sponsor(),
        request.total().nanos());
    return new Budget(id, request.sponsor(), request.total(), NanoUsd.ZERO);
  }
}
