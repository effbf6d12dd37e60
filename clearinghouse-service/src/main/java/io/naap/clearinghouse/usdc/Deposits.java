package io.naap.clearinghouse.usdc;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainConfig;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.chain.PollingLoop;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.payment.Payment;
import io.naap.clearinghouse.payment.Receipts;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.ExtendedKey;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.outbox.Outbox;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Gives tenants addresses, credits what arrives there, and books what leaves again, whoever signed
 * that. Only blocks that are final are looked at, from a cursor that commits together with what was
 * found: a reorganisation above the finality changes nothing, and nothing is seen twice or left
 * out.
 */
@ApplicationScoped
public class Deposits {
  private static final Logger LOG = Logger.getLogger(Deposits.class);
  private static final String TRANSFER = Abi.topic("Transfer(address,address,uint256)");
  private static final String CURSOR = "usdc";
  private static final int ADDRESSES_AT_ONCE = 500;

  /** A millionth of a dollar. */
  private static final BigInteger NANOS_A_UNIT = BigInteger.valueOf(1_000);

  private final UsdcConfig config;
  private final ChainConfig chainConfig;
  private final Chain chain;
  private final Ledger ledger;
  private final Receipts receipts;
  private final Outbox outbox;
  private final Clock clock;
  private PollingLoop follower;
  private ExtendedKey receiving;

  Deposits(
      UsdcConfig config,
      ChainConfig chainConfig,
      Chain chain,
      Ledger ledger,
      Receipts receipts,
      Outbox outbox,
      Clock clock) {
    this.config = config;
    this.chainConfig = chainConfig;
    this.chain = chain;
    this.ledger = ledger;
    this.receipts = receipts;
    this.outbox = outbox;
    this.clock = clock;
  }

  void start(@Observes StartupEvent started) {
    if (config.xpub().isEmpty()) {
      return;
    }
    // Receiving addresses are the account's external chain, m/44'/60'/0'/0/index.
    receiving = ExtendedKey.parse(config.xpub().get()).child(0);
    if (chainConfig.url().isPresent()) {
      JsonRpc node = chain.node();
      follower =
          PollingLoop.start(
              "usdc",
              config.interval(),
              () -> {
                while (look(node)) {
                  LOG.debug("catching up with the chain");
                }
              });
    }
  }

  void stop(@Observes ShutdownEvent ending) {
    if (follower != null) {
      follower.stop();
    }
  }

  /** A tenant's address, made when first asked for; nothing when there are no deposits. */
  Optional<String> address(String tenantId) {
    if (receiving == null) {
      return Optional.empty();
    }
    return Optional.of(
        ledger.read(
            tx -> {
              // One at a time, so that no index is left out or given twice.
              tx.query("select pg_advisory_xact_lock(8503)");
              Optional<Row> known =
                  tx.one("select address from deposit_address where tenant_id = $1", tenantId);
              if (known.isPresent()) {
                return known.get().getString("address");
              }
              int index =
                  tx.one("select coalesce(max(derivation_index) + 1, 0) n from deposit_address")
                      .orElseThrow()
                      .getInteger("n");
              String address = receiving.child(index).address().toString();
              tx.change(
                  "insert into deposit_address (tenant_id, derivation_index, address, created_at)"
                      + " values ($1, $2, $3, $4)",
                  tenantId,
                  index,
                  address,
                  clock.instant().atOffset(ZoneOffset.UTC));
              return address;
            }));
  }

  /** Looks at the next blocks; true when there are more. */
  boolean look(JsonRpc node) throws IOException, InterruptedException {
    BigInteger last = node.finalBlock(config.finalizedTag(), config.finalityBlocks());
    BigInteger from = ledger.read(tx -> cursor(tx, last)).add(BigInteger.ONE);
    if (from.compareTo(last) > 0) {
      return false;
    }
    BigInteger to = from.add(BigInteger.valueOf(config.blocksAtOnce() - 1L)).min(last);
    Map<String, String> tenants = new HashMap<>();
    ledger
        .read(tx -> tx.query("select tenant_id, address from deposit_address"))
        .forEach(
            row ->
                tenants.put(
                    Address.parse(row.getString("address")).lowerCase(),
                    row.getString("tenant_id")));
    List<Movement> arrived = find(node, from, to, tenants, Direction.ARRIVED);
    List<Movement> left = find(node, from, to, tenants, Direction.LEFT);
    boolean mine =
        ledger.transact(
            books -> {
              long before =
                  books
                      .tx()
                      .one("select block from chain_cursor where name = $1 for update", CURSOR)
                      .orElseThrow()
                      .getLong("block");
              if (before != from.longValueExact() - 1) {
                // Another instance was first.
                return false;
              }
              arrived.stream().sorted(Movement.ORDER).forEach(one -> credit(books, one));
              left.stream().sorted(Movement.ORDER).forEach(one -> swept(books, one));
              return books
                      .tx()
                      .change(
                          "update chain_cursor set block = $2, updated_at = $3 where name = $1",
                          CURSOR,
                          to.longValueExact(),
                          clock.instant().atOffset(ZoneOffset.UTC))
                  > 0;
            });
    if (mine && !arrived.isEmpty()) {
      outbox.poke();
    }
    return to.compareTo(last) < 0;
  }

  /** Where looking begins: a new installation begins now. */
  private BigInteger cursor(io.naap.store.Tx tx, BigInteger last) {
    tx.change(
        "insert into chain_cursor (name, block, updated_at) values ($1, $2, $3)"
            + " on conflict do nothing",
        CURSOR,
        last.longValueExact(),
        clock.instant().atOffset(ZoneOffset.UTC));
    return BigInteger.valueOf(
        tx.one("select block from chain_cursor where name = $1", CURSOR)
            .orElseThrow()
            .getLong("block"));
  }

  private enum Direction {
    LEFT(1),
    ARRIVED(2);

    /** Where the event names our address. */
    private final int topic;

    Direction(int topic) {
      this.topic = topic;
    }
  }

  /**
   * A transfer from or to an address of ours.
   *
   * @param address ours
   * @param other the other side's
   */
  private record Movement(
      String transaction,
      int logIndex,
      long block,
      String blockHash,
      String tenantId,
      String address,
      String other,
      BigInteger amount) {
    /** Tenants in one order, so that their locks are taken in one order. */
    static final java.util.Comparator<Movement> ORDER =
        java.util.Comparator.comparing(Movement::tenantId)
            .thenComparing(Movement::block)
            .thenComparing(Movement::logIndex);
  }

  private List<Movement> find(
      JsonRpc node,
      BigInteger from,
      BigInteger to,
      Map<String, String> tenants,
      Direction direction)
      throws IOException, InterruptedException {
    List<Movement> found = new ArrayList<>();
    List<String> addresses = List.copyOf(tenants.keySet());
    for (int at = 0; at < addresses.size(); at += ADDRESSES_AT_ONCE) {
      List<String> topics =
          addresses.subList(at, Math.min(addresses.size(), at + ADDRESSES_AT_ONCE)).stream()
              .map(address -> "0x" + Abi.word(Address.parse(address)))
              .toList();
      List<Object> filter = new ArrayList<>();
      filter.add(TRANSFER);
      if (direction == Direction.ARRIVED) {
        filter.add(null);
      }
      filter.add(topics);
      JsonNode logs =
          node.ask(
              "eth_getLogs",
              JsonRpc.parameters(
                  Map.of(
                      "address", config.token(),
                      "fromBlock", JsonRpc.quantity(from),
                      "toBlock", JsonRpc.quantity(to),
                      "topics", filter)));
      for (JsonNode log : logs) {
        read(log, from, to, tenants, direction).ifPresent(found::add);
      }
    }
    return found;
  }

  /** A log, as far as it is what was asked for: a node may answer anything. */
  private Optional<Movement> read(
      JsonNode log,
      BigInteger from,
      BigInteger to,
      Map<String, String> tenants,
      Direction direction)
      throws IOException {
    BigInteger block = JsonRpc.number(log.path("blockNumber"));
    JsonNode topics = log.path("topics");
    boolean asked =
        !log.path("removed").asBoolean(false)
            && log.path("address").asText().equalsIgnoreCase(config.token())
            && topics.size() == 3
            && topics.path(0).asText().equalsIgnoreCase(TRANSFER)
            && log.path("data").asText().matches("0x[0-9a-fA-F]{64}")
            && block.compareTo(from) >= 0
            && block.compareTo(to) <= 0;
    if (!asked) {
      return Optional.empty();
    }
    String address = Abi.address(topics.path(direction.topic).asText()).lowerCase();
    String other = Abi.address(topics.path(3 - direction.topic).asText()).lowerCase();
    String tenant = tenants.get(address);
    BigInteger amount = Abi.number(log.path("data").asText(), 0);
    boolean dust =
        direction == Direction.ARRIVED ? amount.compareTo(config.dust()) < 0 : amount.signum() == 0;
    if (tenant == null || dust) {
      return Optional.empty();
    }
    return Optional.of(
        new Movement(
            log.path("transactionHash").asText(),
            JsonRpc.number(log.path("logIndex")).intValueExact(),
            block.longValueExact(),
            log.path("blockHash").asText(),
            tenant,
            address,
            other,
            amount));
  }

  private void credit(LedgerTransaction books, Movement deposit) {
    Payment payment =
        receipts.in(
            books,
            new Receipts.Money(
                deposit.tenantId(),
                "usdc",
                NanoUsd.ofNanos(deposit.amount().multiply(NANOS_A_UNIT).longValueExact()),
                AccountRef.cash("usdc"),
                "USDC received",
                "chain",
                Optional.of(deposit.transaction() + ":" + deposit.logIndex())));
    books
        .tx()
        .change(
            """
            insert into usdc_deposit (transaction_hash, log_index, block, block_hash, tenant_id,
              address, amount, payment_id)
            values ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8) on conflict do nothing""",
            deposit.transaction(),
            deposit.logIndex(),
            deposit.block(),
            deposit.blockHash(),
            deposit.tenantId(),
            deposit.address(),
            deposit.amount().toString(),
            payment.id());
  }

  /** The money itself stays ours: from the tenant's address to the treasury's, or elsewhere. */
  private void swept(LedgerTransaction books, Movement sweep) {
    boolean home =
        config.sweep().to().map(Address::parse).map(Address::lowerCase).stream()
            .anyMatch(sweep.other()::equals);
    if (!home) {
      LOG.errorf(
          "USDC left a deposit address for %s, which is not the treasury; look who has the key,"
              + " address=%s transaction=%s",
          sweep.other(), sweep.address(), sweep.transaction());
    }
    AccountRef received = AccountRef.cash("usdc");
    AccountRef kept = AccountRef.cash(home ? "usdc_treasury" : "usdc_elsewhere");
    BigInteger nanos = sweep.amount().multiply(NANOS_A_UNIT);
    String key = "sweep:" + sweep.transaction() + ":" + sweep.logIndex();
    books.lock(List.of(received, kept));
    books.know(List.of(key));
    PostingResult booking =
        books.book(
            new Journal(
                key,
                "sweep",
                Optional.empty(),
                clock.instant(),
                "USDC of " + sweep.address() + " to " + sweep.other(),
                new Postings().add(received, nanos).add(kept, nanos.negate()).list()));
    books.write();
    books
        .tx()
        .change(
            """
            insert into usdc_sweep (transaction_hash, log_index, block, block_hash, tenant_id, address,
              recipient, amount, journal_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8::text::numeric, $9) on conflict do nothing""",
            sweep.transaction(),
            sweep.logIndex(),
            sweep.block(),
            sweep.blockHash(),
            sweep.tenantId(),
            sweep.address(),
            sweep.other(),
            sweep.amount().toString(),
            booking instanceof PostingResult.Booked booked ? booked.journalId() : null);
  }

  /**
   * USDC that was credited and has not left its address, in millionths.
   *
   * @param index of the address under the receiving chain of the account
   */
  public record Waiting(int index, Address address, String tenantId, BigInteger amount) {}

  /** Addresses at which at least so much waits, the most first. */
  public List<Waiting> waiting(BigInteger least, int most) {
    return ledger.read(
        tx ->
            tx
                .query(
                    """
                    select a.derivation_index, a.address, a.tenant_id, d.received - coalesce(s.sent, 0) waits
                    from deposit_address a
                    join (select tenant_id, sum(amount) received from usdc_deposit group by tenant_id) d
                      on d.tenant_id = a.tenant_id
                    left join (select tenant_id, sum(amount) sent from usdc_sweep group by tenant_id) s
                      on s.tenant_id = a.tenant_id
                    where d.received - coalesce(s.sent, 0) >= $1::text::numeric
                    order by waits desc, a.derivation_index limit $2""",
                    least.toString(),
                    most)
                .stream()
                .map(
                    row ->
                        new Waiting(
                            row.getInteger("derivation_index"),
                            Address.parse(row.getString("address")),
                            row.getString("tenant_id"),
                            row.getBigDecimal("waits").toBigIntegerExact()))
                .toList());
  }
}
