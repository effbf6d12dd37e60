package io.naap.clearinghouse.usdc;

import io.naap.clearinghouse.chain.BlockCursor;
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
import io.naap.contracts.money.NanoUsd;
import io.naap.store.outbox.Outbox;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Credits USDC that arrives at tenants' addresses, and books USDC that leaves them, whoever signed
 * that transfer. It reads final blocks only, so a reorganisation changes nothing.
 */
@ApplicationScoped
public class Deposits {
  private static final Logger LOG = Logger.getLogger(Deposits.class);

  /** A millionth of a dollar. */
  private static final BigInteger NANOS_A_UNIT = BigInteger.valueOf(1_000);

  private final UsdcConfig config;
  private final ChainConfig chainConfig;
  private final Chain chain;
  private final DepositAddresses addresses;
  private final Ledger ledger;
  private final Receipts receipts;
  private final Outbox outbox;
  private final Clock clock;
  private final BlockCursor cursor;
  private PollingLoop loop;

  Deposits(
      UsdcConfig config,
      ChainConfig chainConfig,
      Chain chain,
      DepositAddresses addresses,
      Ledger ledger,
      Receipts receipts,
      Outbox outbox,
      Clock clock) {
    this.config = config;
    this.chainConfig = chainConfig;
    this.chain = chain;
    this.addresses = addresses;
    this.ledger = ledger;
    this.receipts = receipts;
    this.outbox = outbox;
    this.clock = clock;
    this.cursor = new BlockCursor("usdc", clock);
  }

  void start(@Observes StartupEvent started) {
    if (addresses.isOn() && chainConfig.url().isPresent()) {
      JsonRpc node = chain.node();
      loop =
          PollingLoop.start(
              "usdc",
              config.interval(),
              () -> {
                while (look(node)) {
                  LOG.debug("more final blocks are to be read for USDC");
                }
              });
    }
  }

  void stop(@Observes ShutdownEvent ending) {
    if (loop != null) {
      loop.stop();
    }
  }

  /** Reads and books the next blocks; true when there are more. */
  boolean look(JsonRpc node) throws IOException, InterruptedException {
    BigInteger last = node.finalBlock(config.finalizedTag(), config.finalityBlocks());
    long before =
        ledger.read(
            tx -> {
              // A new installation begins with the newest final block.
              cursor.open(tx, last);
              return cursor.block(tx).orElseThrow();
            });
    BigInteger from = BigInteger.valueOf(before + 1);
    if (from.compareTo(last) > 0) {
      return false;
    }
    BigInteger to = from.add(BigInteger.valueOf(config.blocksAtOnce() - 1L)).min(last);
    UsdcTransfer.Search search =
        new UsdcTransfer.Search(config.token(), from, to, addresses.tenants(), config.dust());
    List<UsdcTransfer> arrived = UsdcTransfer.find(node, search, UsdcTransfer.Direction.ARRIVED);
    List<UsdcTransfer> left = UsdcTransfer.find(node, search, UsdcTransfer.Direction.LEFT);
    boolean booked =
        ledger.transact(
            transaction -> {
              if (!cursor.isAt(transaction.tx(), before)) {
                return false;
              }
              arrived.forEach(one -> credit(transaction, one));
              left.forEach(one -> swept(transaction, one));
              cursor.move(transaction.tx(), to);
              return true;
            });
    if (booked && !arrived.isEmpty()) {
      outbox.poke();
    }
    return to.compareTo(last) < 0;
  }

  private void credit(LedgerTransaction transaction, UsdcTransfer deposit) {
    Payment payment =
        receipts.in(
            transaction,
            new Receipts.Money(
                deposit.tenantId(),
                "usdc",
                NanoUsd.ofNanos(deposit.amount().multiply(NANOS_A_UNIT).longValueExact()),
                AccountRef.cash("usdc"),
                "USDC received",
                "chain",
                Optional.of(deposit.at().key())));
    transaction
        .tx()
        .change(
            """
            insert into usdc_deposit (transaction_hash, log_index, block, block_hash, tenant_id,
              address, amount, payment_id)
            values ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8) on conflict do nothing""",
            deposit.at().transaction(),
            deposit.at().logIndex(),
            deposit.at().block(),
            deposit.at().blockHash(),
            deposit.tenantId(),
            deposit.address(),
            deposit.amount().toString(),
            payment.id());
  }

  /**
   * Books USDC that left a deposit address: to the treasury's address, or elsewhere, which only
   * somebody with a stolen key can have signed.
   */
  private void swept(LedgerTransaction transaction, UsdcTransfer sweep) {
    boolean home =
        config.sweep().to().map(Address::parse).map(Address::lowerCase).stream()
            .anyMatch(sweep.other()::equals);
    if (!home) {
      LOG.errorf(
          "USDC left a deposit address for %s, which is not the treasury; look who has the key,"
              + " address=%s transaction=%s",
          sweep.other(), sweep.address(), sweep.at().transaction());
    }
    AccountRef received = AccountRef.cash("usdc");
    AccountRef kept = AccountRef.cash(home ? "usdc_treasury" : "usdc_elsewhere");
    BigInteger nanos = sweep.amount().multiply(NANOS_A_UNIT);
    String key = "sweep:" + sweep.at().key();
    transaction.lock(List.of(received, kept));
    transaction.know(List.of(key));
    PostingResult result =
        transaction.book(
            new Journal(
                key,
                "sweep",
                Optional.empty(),
                clock.instant(),
                "USDC of " + sweep.address() + " to " + sweep.other(),
                new Postings().add(received, nanos).add(kept, nanos.negate()).list()));
    transaction.write();
    transaction
        .tx()
        .change(
            """
            insert into usdc_sweep (transaction_hash, log_index, block, block_hash, tenant_id, address,
              recipient, amount, journal_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8::text::numeric, $9) on conflict do nothing""",
            sweep.at().transaction(),
            sweep.at().logIndex(),
            sweep.at().block(),
            sweep.at().blockHash(),
            sweep.tenantId(),
            sweep.address(),
            sweep.other(),
            sweep.amount().toString(),
            result instanceof PostingResult.Booked booked ? booked.journalId() : null);
  }
}
