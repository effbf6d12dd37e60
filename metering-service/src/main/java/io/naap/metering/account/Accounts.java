package io.naap.metering.account;

import io.naap.contracts.events.BalanceChanged;
import io.naap.contracts.events.TopUpWanted;
import io.naap.contracts.events.Topic;
import io.naap.contracts.events.Topics;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.Standing;
import io.naap.metering.inbox.Subscription;
import io.naap.metering.ingest.Ingest;
import io.naap.metering.period.Anchors;
import io.naap.metering.webhook.Announcements;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * Stores tenants' billing accounts in Postgres. Takes their balances from the clearinghouse and,
 * when one falls below a mark, sends the low-balance event and asks for a top-up.
 */
@ApplicationScoped
public class Accounts implements Subscription<BalanceChanged> {
  private static final int BURN_DAYS = 7;

  private final Transactions transactions;
  private final Outbox outbox;
  private final Announcements announcements;
  private final Ids ids;
  private final Clock clock;

  Accounts(
      Transactions transactions, Outbox outbox, Announcements announcements, Ids ids, Clock clock) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.announcements = announcements;
    this.ids = ids;
    this.clock = clock;
  }

  Account find(String tenantId) {
    return transactions.run(tx -> find(tx, tenantId));
  }

  private static Account find(Tx tx, String tenantId) {
    return tx.one("select * from tenant_account where tenant_id = $1", tenantId)
        .map(Accounts::account)
        .orElseGet(
            () ->
                new Account(
                    tenantId,
                    new Account.Cadence("calendar", 1, Anchors.CALENDAR.all().getLast().from()),
                    new Account.Invoicing(14, "Tax", BigDecimal.ZERO, ""),
                    Optional.empty(),
                    new Account.Alerts(
                        Optional.empty(), List.of(), Optional.empty(), Optional.empty()),
                    Standing.GOOD));
  }

  private static Account account(Row row) {
    return new Account(
        row.getString("tenant_id"),
        new Account.Cadence(
            row.getString("cadence"),
            Anchors.of(row).all().getLast().day(),
            Anchors.of(row).all().getLast().from()),
        new Account.Invoicing(
            row.getInteger("terms_days"),
            row.getString("tax_name"),
            row.getBigDecimal("tax_percent").stripTrailingZeros(),
            row.getString("bill_to")),
        money(row, "credit_limit"),
        new Account.Alerts(
            money(row, "low_balance"),
            Arrays.stream(row.getArrayOfLongs("spend_alerts")).map(NanoUsd::ofNanos).toList(),
            money(row, "top_up_below"),
            money(row, "top_up_amount")),
        Standing.of(row.getString("standing")));
  }

  private static Optional<NanoUsd> money(Row row, String column) {
    return Optional.ofNullable(row.getLong(column)).map(NanoUsd::ofNanos);
  }

  /** Changes the terms that the operator sets. */
  Account change(String tenantId, Account.Terms terms) {
    return transactions.run(
        tx -> {
          // The exclusive lock keeps every replica from storing usage while the account and its
          // first period are created.
          tx.query("select pg_advisory_xact_lock($1)", Ingest.CLOSING_LOCK);
          Account before = find(tx, tenantId);
          String cadence = terms.cadence().orElse(before.periods().cadence());
          int day =
              "calendar".equals(cadence)
                  ? 1
                  : terms.anchorDay().orElse(before.periods().anchorDay());
          Anchors anchors = moved(tx, tenantId, day);
          tx.change(
              """
              insert into tenant_account (tenant_id, cadence, anchor_from, anchor_days, terms_days, tax_name, tax_percent, bill_to,
                credit_limit, closed_through, invoiced_through)
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
              on conflict (tenant_id) do update set cadence = excluded.cadence,
                anchor_from = excluded.anchor_from, anchor_days = excluded.anchor_days,
                terms_days = excluded.terms_days, tax_name = excluded.tax_name, tax_percent = excluded.tax_percent,
                bill_to = excluded.bill_to, credit_limit = excluded.credit_limit,
                closed_through = coalesce(tenant_account.closed_through, excluded.closed_through),
                invoiced_through = coalesce(tenant_account.invoiced_through, excluded.invoiced_through)\
              """,
              tenantId,
              cadence,
              anchors.from(),
              anchors.days(),
              terms.termsDays().orElse(before.invoicing().termsDays()),
              terms.taxName().orElse(before.invoicing().taxName()),
              terms.taxPercent().orElse(before.invoicing().taxPercent()),
              terms.billTo().orElse(before.invoicing().billTo()),
              terms.creditLimit().or(before::creditLimit).map(NanoUsd::nanos).orElse(null),
              anchors.period(first(tx, tenantId)).start().atOffset(ZoneOffset.UTC));
          return find(tx, tenantId);
        });
  }

  /**
   * Returns the tenant's anchor days with a new one: in force at once when no period of the tenant
   * has begun, otherwise from the end of the current period on.
   */
  private Anchors moved(Tx tx, String tenantId, int day) {
    Instant now = clock.instant();
    Anchors before = Anchors.of(tx, tenantId);
    boolean begun =
        tx.one(
                "select 1 from tenant_account where tenant_id = $1 and invoiced_through is not null"
                    + " union all select 1 from tenant_position where tenant_id = $1",
                tenantId)
            .isPresent();
    if (!begun) {
      return Anchors.of(day);
    }
    Anchors after = before.changed(day, now);
    boolean ahead =
        !after.equals(before)
            && tx.one(
                    "select 1 from tenant_position where tenant_id = $1 and period_start >= $2",
                    tenantId,
                    before.period(now).end().atOffset(ZoneOffset.UTC))
                .isPresent();
    if (ahead) {
      throw Refusal.conflict(
              "period_begun", "Jobs of the next period are rated already; change it in that one.")
          .raise();
    }
    return after;
  }

  /** The instant of the tenant's first usage or first plan; now when it has neither. */
  private Instant first(Tx tx, String tenantId) {
    Instant now = clock.instant();
    return tx.one(
            """
            select least((select min(bucket) from usage_day where tenant_id = $1),
              (select min(greatest(effective_from, created_at)) from tenant_assignment where tenant_id = $1))\
            """,
            tenantId)
        .map(row -> row.getOffsetDateTime(0))
        .map(time -> time.toInstant())
        .filter(now::isAfter)
        .orElse(now);
  }

  /** Changes the alerts and the automatic top-up, and checks the balance against them at once. */
  Account change(String tenantId, Account.Alerts alerts) {
    return transactions.run(
        tx -> {
          tx.change(
              """
              insert into tenant_account (tenant_id, low_balance, spend_alerts, top_up_below, top_up_amount)
              values ($1, $2, $3, $4, $5)
              on conflict (tenant_id) do update set low_balance = excluded.low_balance,
                spend_alerts = excluded.spend_alerts, top_up_below = excluded.top_up_below,
                top_up_amount = excluded.top_up_amount\
              """,
              tenantId,
              alerts.lowBalance().map(NanoUsd::nanos).orElse(null),
              alerts.spendAlerts().stream().map(NanoUsd::nanos).toArray(Long[]::new),
              alerts.topUpBelow().map(NanoUsd::nanos).orElse(null),
              alerts.topUpAmount().map(NanoUsd::nanos).orElse(null));
          tx.one("select * from tenant_account where tenant_id = $1", tenantId)
              .ifPresent(row -> judge(tx, row));
          return find(tx, tenantId);
        });
  }

  Account.BalanceView balance(String tenantId) {
    LocalDate today = clock.instant().atOffset(ZoneOffset.UTC).toLocalDate();
    return transactions.run(
        tx -> {
          Row spent =
              tx.one(
                      """
                      select coalesce(sum(cost), 0)::int8 week,
                        coalesce(sum(cost) filter (where bucket >= $3), 0)::int8 today
                      from usage_rollup where tenant_id = $1 and granularity = 'day' and bucket > $2\
                      """,
                      tenantId,
                      today.minusDays(BURN_DAYS).atStartOfDay().atOffset(ZoneOffset.UTC),
                      today.atStartOfDay().atOffset(ZoneOffset.UTC))
                  .orElseThrow();
          long burn = spent.getLong("week") / BURN_DAYS;
          Optional<Row> row = tx.one("select * from tenant_account where tenant_id = $1", tenantId);
          NanoUsd credit = row.flatMap(account -> money(account, "credit")).orElse(NanoUsd.ZERO);
          NanoUsd aside = row.flatMap(account -> money(account, "set_aside")).orElse(NanoUsd.ZERO);
          NanoUsd owed = row.flatMap(account -> money(account, "owed")).orElse(NanoUsd.ZERO);
          long balance = credit.plus(aside).minus(owed).nanos();
          return new Account.BalanceView(
              tenantId,
              row.filter(account -> account.getLong("balance_revision") >= 0).isPresent(),
              credit,
              aside,
              owed,
              NanoUsd.ofNanos(spent.getLong("today")),
              NanoUsd.ofNanos(burn),
              burn > 0 ? Optional.of(Math.max(0, balance) / burn) : Optional.empty());
        });
  }

  @Override
  public String topic() {
    return Topics.BALANCES;
  }

  @Override
  public List<BalanceChanged> read(String payload) {
    BalanceChanged balance = Json.read(payload, BalanceChanged.class);
    if (!IdKind.TENANT.matches(balance.tenantId())) {
      throw new InvalidInput("the balance is nobody's");
    }
    return List.of(balance);
  }

  @Override
  public void take(Tx tx, List<BalanceChanged> balances) {
    // The balance with the highest revision wins; one with a lower revision that arrives later is
    // ignored.
    Map<String, BalanceChanged> newest = new TreeMap<>();
    balances.forEach(
        balance ->
            newest.merge(
                balance.tenantId(),
                balance,
                BinaryOperator.maxBy(Comparator.comparingLong(BalanceChanged::revision))));
    Collection<BalanceChanged> all = newest.values();
    tx
        .query(
            """
            insert into tenant_account as a (tenant_id, balance_revision, credit, set_aside, owed)
            select * from unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])
            on conflict (tenant_id) do update set balance_revision = excluded.balance_revision,
              credit = excluded.credit, set_aside = excluded.set_aside, owed = excluded.owed
            where a.balance_revision < excluded.balance_revision
            returning a.tenant_id, a.credit, a.set_aside, a.owed, a.low_balance, a.top_up_below, a.top_up_amount\
            """,
            newest.keySet().toArray(String[]::new),
            all.stream().map(BalanceChanged::revision).toArray(Long[]::new),
            all.stream().map(balance -> balance.credit().nanos()).toArray(Long[]::new),
            all.stream().map(balance -> balance.setAside().nanos()).toArray(Long[]::new),
            all.stream().map(balance -> balance.owed().nanos()).toArray(Long[]::new))
        .stream()
        // Tenants without a mark are skipped: change() clears their alert when the mark is removed.
        .filter(row -> row.getLong("low_balance") != null || row.getLong("top_up_amount") != null)
        .forEach(row -> judge(tx, row));
  }

  @Override
  public void done() {
    outbox.poke();
  }

  /**
   * Sends the low-balance event and the top-up request when the balance is below its mark, once
   * until the balance is at or above the mark again. The balance is credit plus money set aside for
   * running jobs, less what is owed.
   */
  private void judge(Tx tx, Row row) {
    Long credit = row.getLong("credit");
    if (credit == null) {
      return;
    }
    String tenantId = row.getString("tenant_id");
    long balance =
        Math.subtractExact(Math.addExact(credit, row.getLong("set_aside")), row.getLong("owed"));
    if (isCrossed(tx, tenantId, "low_balance", balance, row.getLong("low_balance"))) {
      announcements.add(
          tx,
          tenantId,
          "balance.low",
          ids.next(IdKind.EVENT),
          "{\"tenant_id\":\"%s\",\"balance\":%s,\"credit\":%s}"
              .formatted(tenantId, text(NanoUsd.ofNanos(balance)), text(NanoUsd.ofNanos(credit))));
    }
    Long amount = row.getLong("top_up_amount");
    Long below = row.getLong("top_up_below");
    if (amount != null && isCrossed(tx, tenantId, "top_up", balance, below)) {
      outbox.add(
          tx,
          Topic.TOP_UPS,
          List.of(
              Json.write(
                  new TopUpWanted(
                      ids.next(IdKind.EVENT),
                      clock.instant(),
                      tenantId,
                      NanoUsd.ofNanos(amount),
                      Optional.of(NanoUsd.ofNanos(below))))));
    }
  }

  private static String text(NanoUsd amount) {
    return Json.write(amount);
  }

  private static boolean isCrossed(
      Tx tx, String tenantId, String subject, long balance, Long mark) {
    if (mark == null || balance >= mark) {
      tx.change("delete from alert where tenant_id = $1 and subject = $2", tenantId, subject);
      return false;
    }
    return tx.change(
            "insert into alert (tenant_id, subject) values ($1, $2) on conflict do nothing",
            tenantId,
            subject)
        == 1;
  }
}
