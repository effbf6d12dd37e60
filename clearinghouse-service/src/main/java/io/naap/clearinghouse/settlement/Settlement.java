package io.naap.clearinghouse.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.BlockCursor;
import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainConfig;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.chain.LogPosition;
import io.naap.clearinghouse.chain.PollingLoop;
import io.naap.clearinghouse.ledger.AccountKind;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.Posting;
import io.naap.clearinghouse.ledger.PostingResult;
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
 * Reads the TicketBroker's events about our sender, in final blocks only, and books those that
 * moved money. After the newest final block the ledger's deposit and reserve are compared with the
 * contract's, and a difference is reported.
 */
@ApplicationScoped
public class Settlement {
  private static final Logger LOG = Logger.getLogger(Settlement.class);
  private static final String GET_SENDER_INFO = Abi.selector("getSenderInfo(address)");
  private static final int WORD = 32;

  private final SettlementConfig config;
  private final ChainConfig chainConfig;
  private final Chain chain;
  private final HotWallet hotWallet;
  private final Ledger ledger;
  private final Ids ids;
  private final Clock clock;
  private volatile Compared compared;
  private PollingLoop loop;

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
   * The contract compared with the ledger, in wei.
   *
   * @param block up to which events were booked
   * @param deposit what the contract has more than the ledger
   * @param reserve what the contract has more than the ledger
   */
  public record Compared(long block, BigInteger deposit, BigInteger reserve) {
    boolean isEven() {
      return deposit.signum() == 0 && reserve.signum() == 0;
    }
  }

  /** What the contract holds for the sender, in wei. */
  private record Held(BigInteger deposit, BigInteger reserve) {}

  void start(@Observes StartupEvent started) {
    if (chainConfig.url().isPresent()) {
      JsonRpc node = chain.node();
      loop = PollingLoop.start("settlement", config.interval(), () -> readAll(node));
    }
  }

  void stop(@Observes ShutdownEvent ending) {
    if (loop != null) {
      loop.stop();
    }
  }

  private void readAll(JsonRpc node) throws IOException, InterruptedException {
    Optional<Wallet> wallet = hotWallet.get();
    Optional<Address> broker = chain.broker();
    if (wallet.isPresent() && broker.isPresent()) {
      while (look(node, broker.get(), wallet.get().address())) {
        LOG.debug("more final blocks are to be read for settlement");
      }
    }
  }

  /** The last comparison; absent before the first. */
  public Optional<Compared> compared() {
    return Optional.ofNullable(compared);
  }

  /** Reads and books the next blocks; true when there are more. */
  boolean look(JsonRpc node, Address broker, Address sender)
      throws IOException, InterruptedException {
    BigInteger last = node.finalBlock(config.finalizedTag(), config.finalityBlocks());
    if (last.signum() < 0) {
      return false;
    }
    String name = "broker:" + broker.lowerCase() + ":" + sender.lowerCase();
    BlockCursor cursor = new BlockCursor(name, clock);
    Optional<Long> known = ledger.read(cursor::block);
    if (known.isEmpty()) {
      Held there = held(node, broker, sender, last);
      ledger.transact(transaction -> open(transaction, cursor, name, sender, there, last));
      return false;
    }
    BigInteger from = BigInteger.valueOf(known.get() + 1);
    if (from.compareTo(last) > 0) {
      return false;
    }
    BigInteger to = from.add(BigInteger.valueOf(config.blocksAtOnce() - 1L)).min(last);
    List<BrokerEvent> events = events(node, broker, sender, from, to);
    Map<Long, Instant> times = times(node, events);
    ledger.transact(
        transaction -> {
          if (cursor.isAt(transaction.tx(), known.get())) {
            book(transaction, sender, events, times);
            cursor.move(transaction.tx(), to);
          }
          return null;
        });
    if (to.equals(last)) {
      compare(node, broker, sender, to);
    }
    return to.compareTo(last) < 0;
  }

  /** Begins the reading at a block: books what the contract holds for the sender there. */
  private boolean open(
      LedgerTransaction transaction,
      BlockCursor cursor,
      String name,
      Address sender,
      Held there,
      BigInteger block) {
    BrokerPostings postings = new BrokerPostings(sender.lowerCase());
    transaction.lock(postings.accounts());
    if (cursor.block(transaction.tx()).isPresent()) {
      // Another instance has opened it.
      return false;
    }
    String key = "chain_opening:" + name + ":" + ids.next(IdKind.EVENT);
    transaction.know(List.of(key));
    AccountRef deposit = AccountRef.ether(sender.lowerCase(), AccountKind.DEPOSIT);
    AccountRef reserve = AccountRef.ether(sender.lowerCase(), AccountKind.RESERVE);
    PostingResult result =
        transaction.book(
            new Journal(
                key,
                "chain_opening",
                Optional.empty(),
                clock.instant(),
                "in the TicketBroker at block " + block,
                postings.opening(
                    there.deposit().subtract(transaction.balance(deposit)),
                    there.reserve().subtract(transaction.balance(reserve)))));
    LOG.debugf("deposit and reserve are opened, %s", result);
    cursor.open(transaction.tx(), block);
    return true;
  }

  private static Held held(JsonRpc node, Address broker, Address sender, BigInteger block)
      throws IOException, InterruptedException {
    byte[] info =
        node.call(broker.toString(), GET_SENDER_INFO + Abi.word(sender), JsonRpc.quantity(block));
    if (info.length < 4 * WORD) {
      throw new IOException("the TicketBroker answered too little");
    }
    return new Held(
        new BigInteger(1, Arrays.copyOfRange(info, 0, WORD)),
        new BigInteger(1, Arrays.copyOfRange(info, 2 * WORD, 3 * WORD)));
  }

  private static List<BrokerEvent> events(
      JsonRpc node, Address broker, Address sender, BigInteger from, BigInteger to)
      throws IOException, InterruptedException {
    List<Object> topics =
        List.of(
            Arrays.stream(BrokerEvent.Kind.values()).map(BrokerEvent.Kind::topic).toList(),
            "0x" + Abi.word(sender));
    List<BrokerEvent> events = new ArrayList<>();
    for (JsonNode log : node.logs(broker.lowerCase(), from, to, topics)) {
      BrokerEvent.read(log, broker, sender)
          .filter(event -> event.at().isWithin(from, to))
          .ifPresent(events::add);
    }
    events.sort(Comparator.comparing(BrokerEvent::at, LogPosition.ORDER));
    return events;
  }

  private static Map<Long, Instant> times(JsonRpc node, List<BrokerEvent> events)
      throws IOException, InterruptedException {
    Map<Long, Instant> times = new HashMap<>();
    for (BrokerEvent event : events) {
      long number = event.at().block();
      if (!times.containsKey(number)) {
        JsonNode block =
            node.ask(
                "eth_getBlockByNumber",
                JsonRpc.parameters(JsonRpc.quantity(BigInteger.valueOf(number)), false));
        times.put(
            number,
            Instant.ofEpochSecond(JsonRpc.number(block.path("timestamp")).longValueExact()));
      }
    }
    return times;
  }

  private static void book(
      LedgerTransaction transaction,
      Address sender,
      List<BrokerEvent> events,
      Map<Long, Instant> times) {
    if (events.isEmpty()) {
      return;
    }
    BrokerPostings postings = new BrokerPostings(sender.lowerCase());
    transaction.lock(postings.accounts());
    transaction.know(events.stream().map(Settlement::businessKey).toList());
    Map<BrokerEvent, String> journals = new HashMap<>();
    for (BrokerEvent event : events) {
      List<Posting> moved = postings.of(event);
      if (!moved.isEmpty()
          && transaction.book(journal(event, moved, times.get(event.at().block())))
              instanceof PostingResult.Booked booked) {
        journals.put(event, booked.journalId());
      }
      if (event.kind() == BrokerEvent.Kind.UNLOCKED) {
        LOG.errorf("the deposit of %s is being unlocked, until round %s", sender, event.amount());
      }
    }
    transaction.write();
    events.forEach(
        event -> insert(transaction, event, times.get(event.at().block()), journals.get(event)));
  }

  private static Journal journal(BrokerEvent event, List<Posting> moved, Instant time) {
    return new Journal(
        businessKey(event),
        "chain",
        Optional.empty(),
        time,
        event.kind().wireName() + " in block " + event.at().block(),
        moved);
  }

  private static String businessKey(BrokerEvent event) {
    return "chain:" + event.at().key();
  }

  private static void insert(
      LedgerTransaction transaction, BrokerEvent event, Instant time, String journalId) {
    transaction
        .tx()
        .send(
            """
            insert into chain_event (transaction_hash, log_index, block, block_hash, kind, recipient,
              amount, second_amount, recipient_rand_hash, sender_nonce, occurred_at, journal_id)
            values ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8::text::numeric, $9, $10, $11, $12)
            on conflict do nothing""",
            event.at().transaction(),
            event.at().logIndex(),
            event.at().block(),
            event.at().blockHash(),
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
                .map(BrokerEvent.Ticket::senderNonce)
                .map(nonce -> nonce.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact())
                .orElse(null),
            time.atOffset(ZoneOffset.UTC),
            journalId);
  }

  private void compare(JsonRpc node, Address broker, Address sender, BigInteger block)
      throws IOException, InterruptedException {
    Held there = held(node, broker, sender, block);
    Compared now =
        new Compared(
            block.longValueExact(),
            there.deposit().subtract(balance(sender, AccountKind.DEPOSIT)),
            there.reserve().subtract(balance(sender, AccountKind.RESERVE)));
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
