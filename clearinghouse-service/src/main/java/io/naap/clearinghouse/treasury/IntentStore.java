package io.naap.clearinghouse.treasury;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.wallet.Address;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.mutiny.sqlclient.Row;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Intents, their signed forms and the nonces of one wallet, in Postgres. */
final class IntentStore {
  private static final int MOST_AT_ONCE = 1_000;

  private final Transactions transactions;
  private final Ids ids;
  private final Clock clock;
  private final String sender;

  IntentStore(Transactions transactions, Ids ids, Clock clock, Address sender) {
    this.transactions = transactions;
    this.ids = ids;
    this.clock = clock;
    this.sender = sender.lowerCase();
  }

  /** An intent; its nonce is -1 before it is signed. */
  record Open(String id, String kind, Intents.Call call, long nonce, IntentStatus status) {
    static Open read(Row row) {
      return new Open(
          row.getString("id"),
          row.getString("kind"),
          new Intents.Call(
              Address.parse(row.getString("recipient")),
              row.getBigDecimal("value").toBigIntegerExact(),
              ByteString.copyFrom(row.getBuffer("data").getBytes()),
              row.getLong("gas_limit")),
          row.getLong("nonce") == null ? -1 : row.getLong("nonce"),
          IntentStatus.of(row.getString("status")));
    }

    boolean isConfirmed() {
      return status == IntentStatus.CONFIRMED;
    }

    Open at(long given) {
      return new Open(id, kind, call, given, status);
    }
  }

  /** Signed bytes of an intent; they may be sent as often as one likes. */
  record Attempt(
      int number, String hash, ByteString raw, BigInteger maxFee, BigInteger priority, Instant at) {
    static Attempt read(Row row) {
      return new Attempt(
          row.getInteger("attempt"),
          row.getString("transaction_hash"),
          ByteString.copyFrom(row.getBuffer("raw").getBytes()),
          row.getBigDecimal("max_fee").toBigIntegerExact(),
          row.getBigDecimal("priority_fee").toBigIntegerExact(),
          row.getOffsetDateTime("signed_at").toInstant());
    }

    String hex() {
      return "0x" + HexFormat.of().formatHex(raw.toByteArray());
    }
  }

  /** Signs an intent, inside the transaction that gives it its nonce. */
  @FunctionalInterface
  interface Signing {
    Attempt sign(Open intent, int number);
  }

  /** Plans an intent, once for each business key. */
  void plan(Intents.Plan plan) {
    transactions.run(
        tx ->
            tx.change(
                """
                insert into intent (id, business_key, kind, sender, recipient, value, data, gas_limit,
                  token_amount, valid_until, status, reason, created_at, updated_at)
                values ($1, $2, $3, $4, $5, $6::text::numeric, $7, $8, $9::text::numeric, $10,
                  'planned', $11, $12, $12)
                on conflict (business_key) do nothing""",
                ids.next(IdKind.INTENT),
                plan.businessKey(),
                plan.kind(),
                sender,
                plan.call().to().lowerCase(),
                plan.call().value().toString(),
                Buffer.buffer(plan.call().data().toByteArray()),
                plan.call().gasLimit(),
                plan.tokenAmount().toString(),
                plan.validUntil().map(at -> at.atOffset(ZoneOffset.UTC)).orElse(null),
                plan.reason(),
                now()));
  }

  List<Open> open() {
    return transactions.run(
        tx ->
            tx
                .query(
                    "select * from intent where sender = $1"
                        + " and status in "
                        + IntentStatus.OPEN
                        + " order by nonce limit "
                        + MOST_AT_ONCE,
                    sender)
                .stream()
                .map(Open::read)
                .toList());
  }

  /** True while an intent of this wallet may still change the chain. */
  boolean hasWork() {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select 1 from intent where sender = $1"
                        + " and status in "
                        + IntentStatus.UNDER_WAY
                        + " limit 1",
                    sender))
        .isPresent();
  }

  /** Ends planned intents whose time is over: they are never signed. */
  int expire() {
    return transactions.run(
        tx ->
            tx.change(
                "update intent set status = 'expired', updated_at = $2"
                    + " where sender = $1 and status = 'planned' and valid_until <= $2",
                sender,
                now()));
  }

  /**
   * Gives the oldest planned intent its nonce and its signed bytes, in one commit.
   *
   * @param chainNonce the wallet's next nonce by the chain; ours is never lower
   * @param mostOpen the most intents that may be open at once
   * @return false when no intent may be signed now
   */
  boolean signNext(long chainNonce, int mostOpen, Signing signing) {
    return transactions.run(
        tx -> {
          long next = lockNonce(tx, chainNonce);
          Optional<Open> planned =
              tx.one(
                      "select * from intent where sender = $1 and status = 'planned'"
                          + " order by id limit 1 for update",
                      sender)
                  .map(Open::read);
          if (planned.isEmpty() || openNow(tx) >= mostOpen) {
            return false;
          }
          long nonce = Math.max(next, chainNonce);
          insert(tx, planned.get().id(), signing.sign(planned.get().at(nonce), 1));
          tx.change(
              "update intent set status = 'signed', nonce = $2, updated_at = $3 where id = $1",
              planned.get().id(),
              nonce,
              now());
          tx.change("update wallet_nonce set next_nonce = $2 where sender = $1", sender, nonce + 1);
          return true;
        });
  }

  private long lockNonce(Tx tx, long chainNonce) {
    tx.change(
        "insert into wallet_nonce (sender, next_nonce) values ($1, $2) on conflict do nothing",
        sender,
        chainNonce);
    return tx.one("select next_nonce from wallet_nonce where sender = $1 for update", sender)
        .orElseThrow()
        .getLong("next_nonce");
  }

  private long openNow(Tx tx) {
    return tx.one(
            "select count(*) n from intent where sender = $1 and status in ('signed', 'sent')",
            sender)
        .orElseThrow()
        .getLong("n");
  }

  /** The nonces from {@code from} up to, not including, {@code to} that no intent ever had. */
  List<Long> missing(long from, long to, int most) {
    return transactions.run(
        tx ->
            tx
                .query(
                    """
                    select n from generate_series(
                      greatest($2::bigint, (select min(nonce) from intent where sender = $1)),
                      $3::bigint - 1) n
                    where not exists (select 1 from intent where sender = $1 and nonce = n)
                    order by n limit $4""",
                    sender,
                    from,
                    to,
                    most)
                .stream()
                .map(row -> row.getLong("n"))
                .toList());
  }

  /** Fills a nonce that no intent has with a transfer of nothing to the wallet itself, once. */
  void fill(long nonce, long gasLimit, Signing signing) {
    transactions.run(
        tx -> {
          lockNonce(tx, nonce);
          String id = ids.next(IdKind.INTENT);
          Open filling =
              new Open(
                  id,
                  "fill",
                  new Intents.Call(
                      Address.parse(sender), BigInteger.ZERO, ByteString.EMPTY, gasLimit),
                  nonce,
                  IntentStatus.SIGNED);
          int added =
              tx.change(
                  """
                  insert into intent (id, business_key, kind, sender, recipient, value, data, gas_limit,
                    nonce, status, reason, created_at, updated_at)
                  values ($1, $2, 'fill', $3, $3, 0, ''::bytea, $4, $5, 'signed', $6, $7, $7)
                  on conflict do nothing""",
                  id,
                  "fill:" + sender + ":" + nonce,
                  sender,
                  gasLimit,
                  nonce,
                  "nonce " + nonce + " was missing below later ones",
                  now());
          if (added > 0) {
            insert(tx, id, signing.sign(filling, 1));
          }
          return added;
        });
  }

  private static void insert(Tx tx, String intentId, Attempt attempt) {
    tx.change(
        """
        insert into intent_attempt (intent_id, attempt, raw, transaction_hash, max_fee, priority_fee,
          signed_at)
        values ($1, $2, $3, $4, $5::text::numeric, $6::text::numeric, $7)""",
        intentId,
        attempt.number(),
        Buffer.buffer(attempt.raw().toByteArray()),
        attempt.hash(),
        attempt.maxFee().toString(),
        attempt.priority().toString(),
        attempt.at().atOffset(ZoneOffset.UTC));
  }

  /** Adds signed bytes of an intent under the same nonce. */
  void add(String intentId, Supplier<Attempt> signing) {
    transactions.run(
        tx -> {
          insert(tx, intentId, signing.get());
          return null;
        });
  }

  /** All signed bytes of an intent, the newest first. */
  List<Attempt> attempts(String intentId) {
    return transactions.run(
        tx ->
            tx
                .query(
                    "select * from intent_attempt where intent_id = $1 order by attempt desc",
                    intentId)
                .stream()
                .map(Attempt::read)
                .toList());
  }

  void setStatus(String id, IntentStatus from, IntentStatus to) {
    transactions.run(
        tx ->
            tx.change(
                "update intent set status = $3, updated_at = $4 where id = $1 and status = $2",
                id,
                from.wireName(),
                to.wireName(),
                now()));
  }

  /** Ends an intent whose nonce a foreign transaction used in a final block. */
  void displaced(String id, String by) {
    transactions.run(
        tx ->
            tx.change(
                "update intent set status = 'replaced', replaced_by = $2, updated_at = $3 where id = $1"
                    + " and status in "
                    + IntentStatus.OPEN,
                id,
                by,
                now()));
  }

  /**
   * What a receipt tells.
   *
   * @param logs stored once the receipt is final
   */
  record Mined(
      IntentStatus status, long block, String hash, BigInteger gasPaid, Optional<JsonArray> logs) {}

  void mined(String id, Mined mined) {
    transactions.run(
        tx ->
            tx.change(
                """
                update intent set status = $2, block = $3, transaction_hash = $4,
                  gas_paid = $5::text::numeric, logs = $6, updated_at = $7 where id = $1""",
                id,
                mined.status().wireName(),
                mined.block(),
                mined.hash(),
                mined.gasPaid().toString(),
                mined.logs().orElse(null),
                now()));
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }
}
