package io.naap.clearinghouse.treasury;

import io.naap.contracts.money.Wei;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.PageRequest;
import io.naap.store.Transactions;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.inject.Singleton;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** What the treasury reads of all wallets' intents in Postgres, and its pause. */
@Singleton
class TreasuryStore {
  private final Transactions transactions;
  private final Clock clock;

  TreasuryStore(Transactions transactions, Clock clock) {
    this.transactions = transactions;
    this.clock = clock;
  }

  /** How many intents there are, and how many of them may still change the chain. */
  record Count(long underWay, long all) {}

  /** The intents of a kind. */
  Count countOfKind(String kind) {
    return count("kind = $1", kind);
  }

  /** The intents whose business key begins so. */
  Count countOfKey(String prefix) {
    return count("starts_with(business_key, $1)", prefix);
  }

  private Count count(String condition, String value) {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select count(*) n, count(*) filter (where status in "
                        + IntentStatus.UNDER_WAY
                        + ") under_way from intent where "
                        + condition,
                    value))
        .map(row -> new Count(row.getLong("under_way"), row.getLong("n")))
        .orElseThrow();
  }

  /** True while an intent of one of these kinds may still change the chain. */
  boolean isUnderWay(String... kinds) {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select 1 from intent where kind = any($1) and status in "
                        + IntentStatus.UNDER_WAY
                        + " limit 1",
                    (Object) kinds))
        .isPresent();
  }

  /** The ether that intents of the last 24 hours moved, or may still move. */
  BigInteger movedInADay() {
    return sumOfADay("select coalesce(sum(value), 0) v from intent where created_at > $1");
  }

  /** The USDC, in millionths, that swaps of the last 24 hours gave, or may still give. */
  BigInteger swappedInADay() {
    return sumOfADay(
        "select coalesce(sum(token_amount), 0) v from intent"
            + " where created_at > $1 and kind = 'swap'");
  }

  private BigInteger sumOfADay(String sql) {
    return sum(sql + " and status not in ('reverted', 'replaced', 'expired')");
  }

  /** The expected value of the tickets that were signed in the last 24 hours. */
  BigInteger ticketsOfADay() {
    return sum("select coalesce(sum(expected_value), 0) v from ticket_batch where created_at > $1");
  }

  private BigInteger sum(String sql) {
    OffsetDateTime yesterday = clock.instant().minus(Duration.ofDays(1)).atOffset(ZoneOffset.UTC);
    return transactions
        .run(tx -> tx.one(sql, yesterday))
        .orElseThrow()
        .getBigDecimal("v")
        .toBigIntegerExact();
  }

  /** The indexes of deposit addresses whose sweeps may still change the chain. */
  List<Integer> sweptIndexes() {
    return transactions.run(
        tx ->
            tx
                .query(
                    """
                    select distinct a.derivation_index i from deposit_address a
                    join intent t on t.sender = lower(a.address)
                    where t.status in %s limit 100"""
                        .formatted(IntentStatus.UNDER_WAY))
                .stream()
                .map(row -> row.getInteger("i"))
                .toList());
  }

  /** Why the treasury is paused; absent when it is not. */
  Optional<String> paused() {
    return transactions
        .run(tx -> tx.one("select reason from treasury_pause"))
        .map(row -> row.getString("reason"));
  }

  void pause(String reason, String by) {
    transactions.run(
        tx ->
            tx.change(
                "insert into treasury_pause (reason, paused_by, paused_at) values ($1, $2, $3)"
                    + " on conflict do nothing",
                reason,
                by,
                clock.instant().atOffset(ZoneOffset.UTC)));
  }

  /** False when it was not paused. */
  boolean resume() {
    return transactions.run(tx -> tx.change("delete from treasury_pause")) > 0;
  }

  /** The intents of a page and one more, the newest first. */
  List<TreasuryReport.Intent> intents(PageRequest page) {
    return transactions.run(
        tx ->
            tx
                .query(
                    "select * from intent where ($1::text is null or id < $1) order by id desc limit $2",
                    page.after().map(cursor -> cursor.text(0)).orElse(null),
                    page.oneMore())
                .stream()
                .map(TreasuryStore::intent)
                .toList());
  }

  static Cursor position(TreasuryReport.Intent intent) {
    return Cursor.of(intent.id());
  }

  private static TreasuryReport.Intent intent(Row row) {
    return new TreasuryReport.Intent(
        row.getString("id"),
        row.getString("kind"),
        row.getString("status"),
        new TreasuryReport.Movement(
            row.getString("sender"),
            row.getString("recipient"),
            new Wei(row.getBigDecimal("value").toBigIntegerExact()),
            row.getBigDecimal("token_amount").toBigIntegerExact().toString()),
        new TreasuryReport.OnChain(
            Optional.ofNullable(row.getLong("nonce")),
            Optional.ofNullable(row.getString("transaction_hash")),
            Optional.ofNullable(row.getBigDecimal("gas_paid"))
                .map(gas -> new Wei(gas.toBigIntegerExact()))),
        row.getString("reason"),
        row.getOffsetDateTime("created_at").toInstant());
  }
}
