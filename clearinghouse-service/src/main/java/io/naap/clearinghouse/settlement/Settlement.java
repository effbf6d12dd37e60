package io.naap.clearinghouse.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainConfig;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.chain.PollingLoop;
import io.naap.clearinghouse.ledger.AccountKind;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Reads what the TicketBroker tells of our sender, from a cursor that commits together with what
 * was found, in blocks that are final: a reorganisation above them changes nothing. What moved
 * money becomes a journal; afterwards the ledger's deposit and reserve are the contract's, or the
 * difference is named.
 */
@ApplicationScoped
public class Settlement {
  private static final Logger LOG = Logger.getLogger(Settlement.class);
  private static final String GET_SENDER_INFO = Abi.selector("getSenderInfo(address)");

  private final SettlementConfig config;
  private final ChainConfig chainConfig;
  private final Chain chain;
  private final HotWallet hotWallet;
  private final Ledger ledger;
  private final Ids ids;
  private final Clock clock;
  private volatile Compared compared;
  private PollingLoop follower;

  Settlement(
      SettlementConfig config,
      ChainConfig chainConfig,
      Chain chain,
      HotWallet hotWallet,
      Ledger ledger,
      Ids ids,
      Clock clock) {
    this.config = config;
    this.chainConfig = chainConfig;
    this.chain = chain;
    this.hotWallet = hotWallet;
    this.ledger = ledger;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * The contract next to the ledger.
   *
   * @param block up to which events were read
   * @param deposit what the contract has more than the ledger
   * @param reserve the same
   */
  public record Compared(long block, BigInteger deposit, BigInteger reserve) {
    boolean isEven() {
      return deposit.signum() == 0 && reserve.signum() == 0;
    }
  }

  void start(@Observes StartupEvent started) {
    if (chainConfig.url().isPresent()) {
      JsonRpc node = chain.node();
      follower = PollingLoop.start("settlement", config.interval(), () -> follow(node));
    }
  }

  void stop(@Observes ShutdownEvent ending) {
    if (follower != null) {
      follower.stop();
    }
  }

  private void follow(JsonRpc node) throws IOException, InterruptedException {
    Optional<Wallet> wallet = hotWallet.get();
    Optional<Address> broker = chain.broker();
    if (wallet.isPresent() && broker.isPresent()) {
      while (look(node, broker.get(), wallet.get().address())) {
        LOG.debug("catching up with the chain");
      }
    }
  }

  /** How the contract and the ledger last compared; nothing before the first look. */
  public Optional<Compared> compared() {
    return Optional.ofNullable(compared);
  }

  /** Looks at the next blocks; true when there are more. */
  boolean look(JsonRpc node, Address broker, Address sender)
      throws IOException, InterruptedException {
    BigInteger last = node.finalBlock(config.finalizedTag(), config.finalityBlocks());
    if (last.signum() < 0) {
      return false;
    }
    String cursor = "broker:" + broker.lowerCase() + ":" + sender.lowerCase();
    Optional<Long> known = ledger.read(tx -> cursor(tx, cursor));
    if (known.isEmpty()) {
      open(node, broker, sender, cursor, last);
      return false;
    }
    BigInteger from = BigInteger.valueOf(known.get()).add(BigInteger.ONE);
    if (from.compareTo(last) > 0) {
      return false;
    }
    BigInteger to = from.add(BigInteger.valueOf(config.blocksAtOnce() - 1L)).min(last);
    List<BrokerEvent> events = events(node, broker, sender, from, to);
    Map<Long, Instant> times = times(node, events);
    ledger.transact(
        books -> {
          long before =
              books
                  .tx()
                  .one("select block from chain_cursor where name = $1 for update", cursor)
                  .orElseThrow()
                  .getLong("block");
          if (before != known.get()) {
            // Another instance was first.
            return null;
          }
          book(books, sender, events, times);
          return move(books, cursor, to);
        });
    if (to.equals(last)) {
      compare(node, broker, sender, to);
    }
    return to.compareTo(last) < 0;
  }

  private static Optional<Long> cursor(io.naap.store.Tx tx, String name) {
    return tx.one("select block from chain_cursor where name = $1", name)
        .map(row -> row.getLong("block"));
  }

  private int move(LedgerTransaction books, String cursor, BigInteger to) {
    return books
        .tx()
        .change(
            """
            insert into chain_cursor (name, block, updated_at) values ($1, $2, $3)
            on conflict (name) do update set block = excluded.block, updated_at = excluded.updated_at""",
            cursor,
            to.longValueExact(),
            clock.instant().atOffset(ZoneOffset.UTC));
  }

  /** Looking begins now, with what the contract has now. */
  private void open(JsonRpc node, Address broker, Address sender, String cursor, BigInteger block)
      throws IOException, InterruptedException {
    BigInteger[] there = there(node, broker, sender, block);
    ledger.transact(
        books -> {
          AccountRef deposit = AccountRef.ether(sender.lowerCase(), AccountKind.DEPOSIT);
          AccountRef reserve = AccountRef.ether(sender.lowerCase(), AccountKind.RESERVE);
          AccountRef funded = AccountRef.ether(sender.lowerCase(), AccountKind.FUNDED);
          books.lock(List.of(deposit, reserve, funded));
          if (cursor(books.tx(), cursor).isPresent()) {
            // Another instance was first.
            return 0;
          }
          String key = "chain_opening:" + cursor + ":" + ids.next(IdKind.EVENT);
          books.know(List.of(key));
          BigInteger newDeposit = there[0].subtract(books.balance(deposit));
          BigInteger newReserve = there[1].subtract(books.balance(reserve));
          PostingResult ignored =
              books.book(
                  new Journal(
                      key,
                      "chain_opening",
                      Optional.empty(),
                      clock.instant(),
                      "in the TicketBroker at block " + block,
                      new Postings()
                          .add(deposit, newDeposit)
                          .add(reserve, newReserve)
                          .add(funded, newDeposit.add(newReserve).negate())
                          .list()));
          LOG.debugf("opened, %s", ignored);
          return move(books, cursor, block);
        });
  }

  private static BigInteger[] there(JsonRpc node, Address broker, Address sender, BigInteger block)
      throws IOException, InterruptedException {
    byte[] info =
        node.call(broker.toString(), GET_SENDER_INFO + Abi.word(sender), JsonRpc.quantity(block));
    if (info.length < 4 * 32) {
      throw new IOException("the TicketBroker answered too little");
    }
    return new BigInteger[] {
      new BigInteger(1, Arrays.copyOfRange(info, 0, 32)),
      new BigInteger(1, Arrays.copyOfRange(info, 64, 96))
    };
  }

  private List<BrokerEvent> events(
      JsonRpc node, Address broker, Address sender, BigInteger from, BigInteger to)
      throws IOException, InterruptedException {
    List<Object> topics = new ArrayList<>();
    topics.add(Arrays.stream(BrokerEvent.Kind.values()).map(BrokerEvent.Kind::topic).toList());
    topics.add("0x" + Abi.word(sender));
    JsonNode logs =
        node.ask(
            "eth_getLogs",
            JsonRpc.parameters(
                Map.of(
                    "address", broker.lowerCase(),
                    "fromBlock", JsonRpc.quantity(from),
                    "toBlock", JsonRpc.quantity(to),
                    "topics", topics)));
    List<BrokerEvent> events = new ArrayList<>();
    for (JsonNode log : logs) {
      BrokerEvent.read(log, broker, sender)
          .filter(
              event ->
                  event.block() >= from.longValueExact() && event.block() <= to.longValueExact())
          .ifPresent(events::add);
    }
    events.sort(Comparator.comparing(BrokerEvent::block).thenComparing(BrokerEvent::logIndex));
    return events;
  }

  private static Map<Long, Instant> times(JsonRpc node, List<BrokerEvent> events)
      throws IOException, InterruptedException {
    Map<Long, Instant> times = new HashMap<>();
    for (BrokerEvent event : events) {
      if (!times.containsKey(event.block())) {
        JsonNode block =
            node.ask(
                "eth_getBlockByNumber",
                JsonRpc.parameters(JsonRpc.quantity(BigInteger.valueOf(event.block())), false));
        times.put(
            event.block(),
            Instant.ofEpochSecond(JsonRpc.number(block.path("timestamp")).longValueExact()));
      }
    }
    return times;
  }

  private void book(
      LedgerTransaction books, Address sender, List<BrokerEvent> events, Map<Long, Instant> times) {
    if (events.isEmpty()) {
      return;
    }
    String owner = sender.lowerCase();
    AccountRef deposit = AccountRef.ether(owner, AccountKind.DEPOSIT);
    AccountRef reserve = AccountRef.ether(owner, AccountKind.RESERVE);
    AccountRef funded = AccountRef.ether(owner, AccountKind.FUNDED);
    AccountRef redeemed = AccountRef.ether(owner, AccountKind.TICKETS_REDEEMED);
    books.lock(List.of(deposit, reserve, funded, redeemed));
    books.know(events.stream().map(Settlement::businessKey).toList());
    Map<String, BigInteger> claimed = new HashMap<>();
    Map<BrokerEvent, String> journals = new HashMap<>();
    for (BrokerEvent event : events) {
      Postings lines = new Postings();
      switch (event.kind()) {
        case DEPOSIT_FUNDED ->
            lines.add(deposit, event.amount()).add(funded, event.amount().negate());
        case RESERVE_FUNDED ->
            lines.add(reserve, event.amount()).add(funded, event.amount().negate());
        case RESERVE_CLAIMED ->
            // Part of the transfer that follows it in the same transaction.
            claimed.merge(event.transaction(), event.amount(), BigInteger::add);
        case TRANSFERRED -> {
          BigInteger fromReserve =
              Optional.ofNullable(claimed.remove(event.transaction()))
                  .orElse(BigInteger.ZERO)
                  .min(event.amount());
          lines
              .add(redeemed, event.amount())
              .add(reserve, fromReserve.negate())
              .add(deposit, event.amount().subtract(fromReserve).negate());
        }
        case WITHDRAWN ->
            lines
                .add(deposit, event.amount().negate())
                .add(reserve, event.secondAmount().negate())
                .add(funded, event.amount().add(event.secondAmount()));
        case REDEEMED, UNLOCKED, UNLOCK_CANCELLED -> LOG.debugf("%s", event.kind());
      }
      if (!lines.list().isEmpty()) {
        PostingResult booking =
            books.book(
                new Journal(
                    businessKey(event),
                    "chain",
                    Optional.empty(),
                    times.get(event.block()),
                    event.kind().wireName() + " in block " + event.block(),
                    lines.list()));
        if (booking instanceof PostingResult.Booked booked) {
          journals.put(event, booked.journalId());
        }
      }
      if (event.kind() == BrokerEvent.Kind.UNLOCKED) {
        LOG.errorf("the deposit of %s is being unlocked, until round %s", sender, event.amount());
      }
    }
    books.write();
    events.forEach(event -> insert(books, event, times, journals.get(event)));
  }

  private static String businessKey(BrokerEvent event) {
    return "chain:" + event.transaction() + ":" + event.logIndex();
  }

  private static void insert(
      LedgerTransaction books, BrokerEvent event, Map<Long, Instant> times, String journalId) {
    books
        .tx()
        .send(
            """
            insert into chain_event (transaction_hash, log_index, block, block_hash, kind, recipient,
              amount, second_amount, recipient_rand_hash, sender_nonce, occurred_at, journal_id)
            values ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8::text::numeric, $9, $10, $11, $12)
            on conflict do nothing""",
            event.transaction(),
            event.logIndex(),
            event.block(),
            event.blockHash(),
            event.kind().wireName(),
            event.recipient().map(Address::lowerCase).orElse(null),
            event.amount().toString(),
            event.secondAmount().toString(),
            event
                .ticket()
                .map(ticket -> Buffer.buffer(ticket.recipientRandHash().toByteArray()))
                .orElse(null),
            event
                .ticket()
                .map(
                    ticket ->
                        ticket
                            .senderNonce()
                            .min(BigInteger.valueOf(Long.MAX_VALUE))
                            .longValueExact())
                .orElse(null),
            times.get(event.block()).atOffset(ZoneOffset.UTC),
            journalId);
  }

  private void compare(JsonRpc node, Address broker, Address sender, BigInteger block)
      throws IOException, InterruptedException {
    BigInteger[] there = there(node, broker, sender, block);
    Compared now =
        new Compared(
            block.longValueExact(),
            there[0].subtract(balance(sender, AccountKind.DEPOSIT)),
            there[1].subtract(balance(sender, AccountKind.RESERVE)));
    Compared before = compared;
    compared = now;
    if (!now.isEven() && (before == null || before.isEven())) {
      LOG.errorf(
          "the TicketBroker has other amounts than the ledger, block=%d deposit=%s reserve=%s",
          now.block(), now.deposit(), now.reserve());
    }
  }

  private BigInteger balance(Address sender, AccountKind kind) {
    return ledger.read(
        tx ->
            tx.one(
                    "select balance from account where owner = $1 and kind = $2",
                    sender.lowerCase(),
                    kind.wireName())
                .map(row -> row.getBigDecimal("balance").toBigIntegerExact())
                .orElse(BigInteger.ZERO));
  }
}
