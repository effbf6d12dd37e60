package io.naap.clearinghouse.balance;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.TenantMoney;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** Reads a tenant's balance and the movements of its accounts. */
@ApplicationScoped
class Balances {
  /** The account name of everything that a tenant has, less what it owes. */
  static final String WHOLE = "balance";

  private static final String SUMS =
      """
      select
        coalesce(sum(amount) filter (where kind = 'credit'), 0)::bigint credit,
        coalesce(sum(amount) filter (where kind in ('set_aside', 'held')), 0)::bigint aside,
        coalesce(sum(amount) filter (where kind = 'owed'), 0)::bigint owed
      from (%s) mine""";

  private static final String NOW =
      SUMS.formatted(
          "select a.kind, a.balance amount from account a join (%s) m on m.id = a.id"
              .formatted(TenantMoney.ACCOUNTS));

  /** From the postings alone: what was booked by $2. */
  private static final String THEN =
      SUMS.formatted(
          """
          select a.kind, p.amount from account a join (%s) m on m.id = a.id
          join posting p on p.account_id = a.id join journal j on j.id = p.journal_id
          where j.created_at <= $2"""
              .formatted(TenantMoney.ACCOUNTS));

  private static final String STATEMENT =
      """
      with account_of as (select id, balance from account where owner = $1 and kind = $2),
      page as (
        select p.id, p.journal_id, p.amount from posting p join account_of a on a.id = p.account_id
        where p.id < $3 order by p.id desc limit $4)
      select p.id, p.journal_id, j.kind, j.description, j.occurred_at, j.created_at,
        p.amount::bigint amount,
        (select coalesce(sum(q.amount), 0) from posting q join account_of a on a.id = q.account_id
          where q.id <= p.id)::bigint after
      from page p join journal j on j.id = p.journal_id order by p.id desc""";

  /** Journals that changed the sum of the tenant's accounts, and the sum after each. */
  private static final String WHOLE_STATEMENT =
      """
      with mine as (%s),
      moved as (
        select p.journal_id, max(p.id) as id, sum(p.amount) as amount
        from posting p join mine a on a.id = p.account_id group by p.journal_id
        having sum(p.amount) <> 0),
      summed as (select *, sum(amount) over (order by id) as after from moved)
      select s.id, s.journal_id, j.kind, j.description, j.occurred_at, j.created_at,
        s.amount::bigint amount, s.after::bigint after
      from summed s join journal j on j.id = s.journal_id
      where s.id < $2 order by s.id desc limit $3"""
          .formatted(TenantMoney.ACCOUNTS);

  private final Ledger ledger;

  Balances(Ledger ledger) {
    this.ledger = ledger;
  }

  Balance now(String tenantId) {
    return balance(tenantId, ledger.read(tx -> tx.one(NOW, tenantId)).orElseThrow());
  }

  /** The balance as it was booked by an instant. */
  Balance at(String tenantId, Instant at) {
    return balance(
        tenantId,
        ledger.read(tx -> tx.one(THEN, tenantId, at.atOffset(ZoneOffset.UTC))).orElseThrow());
  }

  private static Balance balance(String tenantId, Row row) {
    return Balance.of(
        tenantId,
        NanoUsd.ofNanos(row.getLong("credit")),
        NanoUsd.ofNanos(row.getLong("aside")),
        NanoUsd.ofNanos(row.getLong("owed")).negated());
  }

  /**
   * The movements of an account, the newest first.
   *
   * @param account {@link #WHOLE}, {@code credit} or {@code owed}
   */
  Statement statement(String tenantId, String account, PageRequest page) {
    long before = page.after().map(cursor -> cursor.number(0)).orElse(Long.MAX_VALUE);
    List<Row> rows =
        ledger.read(
            tx ->
                WHOLE.equals(account)
                    ? tx.query(WHOLE_STATEMENT, tenantId, before, page.oneMore())
                    : tx.query(STATEMENT, tenantId, account, before, page.oneMore()));
    Page<Statement.Line> lines =
        Page.of(rows, page.size(), row -> Cursor.of(row.getLong("id"))).map(Balances::line);
    return new Statement(tenantId, account, lines.data(), lines.nextCursor());
  }

  private static Statement.Line line(Row row) {
    return new Statement.Line(
        row.getString("journal_id"),
        row.getString("kind"),
        row.getString("description"),
        row.getOffsetDateTime("occurred_at").toInstant(),
        row.getOffsetDateTime("created_at").toInstant(),
        NanoUsd.ofNanos(row.getLong("amount")),
        NanoUsd.ofNanos(row.getLong("after")));
  }
}
