package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.ledger.AccountKind;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.wallet.Address;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * Posts final intents to the ledger: their gas, the ether they moved, and the tokens of a swap as
 * the tokens' own events report them, not as they were planned.
 */
final class IntentPosting {
  private static final Logger LOG = Logger.getLogger(IntentPosting.class);
  private static final String TRANSFER = Abi.topic("Transfer(address,address,uint256)");
  private static final BigInteger NANOS_A_UNIT = BigInteger.valueOf(1_000);
  private static final int MOST_AT_ONCE = 200;

  /** The kinds of intents that send ether to a wallet of ours. */
  private static final Set<String> OWN = Set.of("fill_hot", "sweep_gas");

  private final Ledger ledger;
  private final Address usdc;
  private final Address weth;
  private final Optional<Address> router;

  IntentPosting(Ledger ledger, Address usdc, Address weth, Optional<Address> router) {
    this.ledger = ledger;
    this.usdc = usdc;
    this.weth = weth;
    this.router = router;
  }

  /** Posts intents that are final and not posted yet; returns the number of journals. */
  int post() {
    int gas =
        each(
            """
            select * from intent i
            where i.status in ('final', 'reverted') and i.gas_paid is not null
              and not exists (select 1 from intent_gas b where b.intent_id = i.id)
            order by i.id limit\s""",
            IntentPosting::bookGas);
    int swaps =
        each(
            """
            select * from intent i
            where i.status = 'final' and i.kind = 'swap'
              and not exists (select 1 from intent_booking b where b.intent_id = i.id)
            order by i.id limit\s""",
            this::bookSwap);
    int values =
        each(
            """
            select * from intent i
            where i.status = 'final' and i.value > 0
              and not exists (select 1 from intent_value v where v.intent_id = i.id)
            order by i.id limit\s""",
            IntentPosting::bookValue);
    return gas + swaps + values;
  }

  private int each(String sql, BiConsumer<LedgerTransaction, Row> one) {
    return ledger.transact(
        books -> {
          List<Row> rows = books.tx().query(sql + MOST_AT_ONCE + " for update of i skip locked");
          rows.forEach(row -> one.accept(books, row));
          return rows.size();
        });
  }

  private static void bookGas(LedgerTransaction books, Row intent) {
    BigInteger gas = intent.getBigDecimal("gas_paid").toBigIntegerExact();
    AccountRef burnt = AccountRef.ether(intent.getString("sender"), AccountKind.GAS);
    AccountRef wallet = AccountRef.ether(intent.getString("sender"), AccountKind.WALLET);
    books.lock(List.of(burnt, wallet));
    String journal =
        journal(
            books,
            intent,
            "gas",
            "gas of " + intent.getString("id"),
            new Postings().add(burnt, gas).add(wallet, gas.negate()));
    books
        .tx()
        .send(
            "insert into intent_gas (intent_id, journal_id) values ($1, $2)",
            intent.getString("id"),
            journal);
  }

  /** Books ether that went to another wallet of ours, or to a contract. */
  private static void bookValue(LedgerTransaction books, Row intent) {
    BigInteger value = intent.getBigDecimal("value").toBigIntegerExact();
    String sender = intent.getString("sender");
    AccountRef from = AccountRef.ether(sender, AccountKind.WALLET);
    AccountRef to =
        OWN.contains(intent.getString("kind"))
            ? AccountRef.ether(
                intent.getString("recipient").toLowerCase(Locale.ROOT), AccountKind.WALLET)
            : AccountRef.ether(sender, AccountKind.FUNDED);
    books.lock(List.of(from, to));
    String journal =
        journal(
            books,
            intent,
            "value",
            "ether of " + intent.getString("id"),
            new Postings().add(from, value.negate()).add(to, value));
    books
        .tx()
        .send(
            "insert into intent_value (intent_id, journal_id) values ($1, $2)",
            intent.getString("id"),
            journal);
  }

  private void bookSwap(LedgerTransaction books, Row intent) {
    String sender = intent.getString("sender");
    JsonArray logs = Optional.ofNullable(intent.getJsonArray("logs")).orElseGet(JsonArray::new);
    BigInteger given = moved(logs, usdc, Optional.of(Address.parse(sender)), Optional.empty());
    BigInteger got = moved(logs, weth, Optional.empty(), router);
    String journal = null;
    if (given.signum() == 0 || got.signum() == 0) {
      LOG.errorf("the events of a swap show no exchange, intent=%s", intent.getString("id"));
    } else {
      AccountRef treasury = AccountRef.cash("usdc_treasury");
      AccountRef ether = AccountRef.cash("ether");
      AccountRef wallet = AccountRef.ether(sender, AccountKind.WALLET);
      AccountRef funded = AccountRef.ether(sender, AccountKind.FUNDED);
      books.lock(List.of(treasury, ether, wallet, funded));
      journal =
          journal(
              books,
              intent,
              "swap",
              given + " millionths of USDC for " + got + " wei",
              new Postings()
                  .add(treasury, given.multiply(NANOS_A_UNIT))
                  .add(ether, given.multiply(NANOS_A_UNIT).negate())
                  .add(wallet, got)
                  .add(funded, got.negate()));
    }
    books
        .tx()
        .send(
            "insert into intent_booking (intent_id, journal_id) values ($1, $2)",
            intent.getString("id"),
            journal);
  }

  private static String journal(
      LedgerTransaction books, Row intent, String kind, String description, Postings lines) {
    String key = kind + ":" + intent.getString("id");
    books.know(List.of(key));
    PostingResult booking =
        books.book(
            new Journal(
                key,
                kind,
                Optional.empty(),
                intent.getOffsetDateTime("updated_at").toInstant(),
                description,
                lines.list()));
    books.write();
    return switch (booking) {
      case PostingResult.Booked booked -> booked.journalId();
      case PostingResult.AlreadyBooked before -> before.journalId();
      case PostingResult.InsufficientBalance impossible ->
          throw new IllegalStateException("these accounts have no bound: " + impossible);
    };
  }

  /** The sum of a token's transfers, from and to an address where one is given. */
  private static BigInteger moved(
      JsonArray logs, Address token, Optional<Address> from, Optional<Address> to) {
    BigInteger sum = BigInteger.ZERO;
    for (Object each : logs) {
      JsonObject log = (JsonObject) each;
      JsonArray topics = log.getJsonArray("topics", new JsonArray());
      String data = log.getString("data", "");
      if (topics.size() == 3
          && token.lowerCase().equals(log.getString("address", "").toLowerCase(Locale.ROOT))
          && TRANSFER.equalsIgnoreCase(topics.getString(0))
          && from.map(Abi::word).map(word -> is(topics.getString(1), word)).orElse(true)
          && to.map(Abi::word).map(word -> is(topics.getString(2), word)).orElse(true)
          && data.matches("0x[0-9a-fA-F]{64}")) {
        sum = sum.add(Abi.number(data, 0));
      }
    }
    return sum;
  }

  private static boolean is(String topic, String word) {
    return topic.equalsIgnoreCase("0x" + word);
  }
}
