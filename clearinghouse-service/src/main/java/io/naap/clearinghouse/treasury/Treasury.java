package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainConfig;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.signer.RemoteSigner;
import io.naap.clearinghouse.store.Transactions;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.FundingWalletConfig;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.Wei;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Watches the money on the chain, decides, and has intents brought there. */
@ApplicationScoped
public class Treasury {
  private static final Logger LOG = Logger.getLogger(Treasury.class);

  private final TreasuryConfig config;
  private final FundingWalletConfig walletConfig;
  private final ChainConfig chainConfig;
  private final Chain chain;
  private final RemoteSigner signer;
  private final Transactions transactions;
  private final Ids ids;
  private final Clock clock;
  private final Policy policy;
  private volatile boolean stopping;
  private volatile Policy.Seen seen;
  private volatile Policy.Decision decision;
  private Thread thread;

  Treasury(
      TreasuryConfig config,
      FundingWalletConfig walletConfig,
      ChainConfig chainConfig,
      Chain chain,
      RemoteSigner signer,
      Transactions transactions,
      Ids ids,
      Clock clock) {
    this.config = config;
    this.walletConfig = walletConfig;
    this.chainConfig = chainConfig;
    this.chain = chain;
    this.signer = signer;
    this.transactions = transactions;
    this.ids = ids;
    this.clock = clock;
    this.policy = new Policy(config);
  }

  void start(@Observes StartupEvent started) {
    Optional<Wallet> funding = Wallet.configured(walletConfig);
    if (funding.isEmpty() || chainConfig.url().isEmpty()) {
      if (config.enabled()) {
        throw new IllegalStateException(
            "naap.clearinghouse.treasury.enabled needs naap.clearinghouse.funding-wallet and"
                + " naap.clearinghouse.chain.url");
      }
      return;
    }
    thread = Thread.ofVirtual().name("treasury").start(() -> run(funding.get()));
  }

  void stop(@Observes ShutdownEvent ending) {
    stopping = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void run(Wallet funding) {
    JsonRpc node = chain.node();
    Intents intents = null;
    boolean outage = false;
    while (!stopping) {
      try {
        if (intents == null) {
          intents = intents(node, funding);
        }
        look(node, funding.address());
        if (config.enabled() && paused().isEmpty()) {
          plan(intents);
        }
        intents.round();
        outage = false;
        Thread.sleep(config.interval());
      } catch (InterruptedException stopped) {
        return;
      } catch (IOException | RuntimeException failed) {
        // The boundary of this thread: intents are stored, and go on when the node answers.
        LOG.logf(outage ? Logger.Level.DEBUG : Logger.Level.WARN, failed, "the treasury waits");
        outage = true;
        pause();
      }
    }
  }

  private Intents intents(JsonRpc node, Wallet funding) throws IOException, InterruptedException {
    long chainId = JsonRpc.number(node.ask("eth_chainId", JsonRpc.parameters())).longValueExact();
    return new Intents(transactions, config, node, funding, chainId, ids, clock);
  }

  private void pause() {
    try {
      Thread.sleep(config.interval());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(JsonRpc node, Address funding) throws IOException, InterruptedException {
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    Optional<Address> broker = chain.broker();
    Optional<Wallet> hot = signer.wallet();
    if (snapshot.isEmpty() || broker.isEmpty() || hot.isEmpty()) {
      decision = null;
      return;
    }
    seen =
        new Policy.Seen(
            hot.get().address(),
            broker.get(),
            snapshot.get().deposit(),
            snapshot.get().reserve(),
            balance(node, hot.get().address()),
            balance(node, funding),
            JsonRpc.number(node.latestBlock().path("baseFeePerGas")),
            moved());
    decision = policy.decide(seen);
    decision.held().ifPresent(reason -> LOG.errorf("the treasury is held up: %s", reason));
  }

  private static BigInteger balance(JsonRpc node, Address of)
      throws IOException, InterruptedException {
    return JsonRpc.number(node.ask("eth_getBalance", JsonRpc.parameters(of.lowerCase(), "latest")));
  }

  /** By intents of the last 24 hours, whatever became of them. */
  private BigInteger moved() {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select coalesce(sum(value), 0) v from intent"
                        + " where created_at > $1 and status <> 'reverted'",
                    clock.instant().minus(Duration.ofDays(1)).atOffset(ZoneOffset.UTC)))
        .orElseThrow()
        .getBigDecimal("v")
        .toBigIntegerExact();
  }

  /** One of a kind at a time: until it is final, what is seen may not show it yet. */
  private void plan(Intents intents) {
    Policy.Decision now = decision;
    if (now == null) {
      return;
    }
    for (Policy.Action action : now.actions()) {
      Row last =
          transactions
              .run(
                  tx ->
                      tx.one(
                          """
                          select count(*) n, count(*) filter (
                            where status in ('planned', 'signed', 'sent', 'confirmed')) under_way
                          from intent where kind = $1""",
                          action.kind()))
              .orElseThrow();
      if (last.getLong("under_way") == 0) {
        intents.plan(
            action.kind() + ":" + last.getLong("n"),
            action.kind(),
            action.to(),
            action.value(),
            action.data().toByteArray(),
            action.reason());
      }
    }
  }

  /** Why nothing new is planned; empty when nothing is paused. */
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
    LOG.warnf("the treasury is paused, by=%s", by);
  }

  boolean resume(String by) {
    LOG.warnf("the treasury goes on, by=%s", by);
    return transactions.run(tx -> tx.change("delete from treasury_pause")) > 0;
  }

  /** What would be done now, whether or not it may. */
  List<TreasuryReport.Planned> planned() {
    Policy.Decision now = decision;
    return now == null
        ? List.of()
        : now.actions().stream()
            .map(
                action ->
                    new TreasuryReport.Planned(
                        action.kind(),
                        action.to().toString(),
                        new Wei(action.value()),
                        action.reason()))
            .toList();
  }

  TreasuryReport report() {
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    List<String> alerts = new ArrayList<>();
    Optional<Wei> deposit = snapshot.map(s -> new Wei(s.deposit()));
    Optional<Long> runway = snapshot.flatMap(s -> runway(s.deposit()));
    if (snapshot.isEmpty()) {
      alerts.add("the chain has not answered lately; nothing is signed");
    }
    snapshot
        .filter(s -> s.withdrawRound().signum() != 0)
        .ifPresent(s -> alerts.add("the deposit is being unlocked"));
    snapshot
        .filter(s -> s.deposit().compareTo(config.depositLow()) < 0)
        .ifPresent(s -> alerts.add("the deposit is below its mark"));
    snapshot
        .filter(s -> s.reserve().compareTo(config.reserveLow()) < 0)
        .ifPresent(s -> alerts.add("the reserve is below its mark"));
    runway
        .filter(hours -> hours < config.runwayAlert().toHours())
        .ifPresent(
            hours -> alerts.add("at the last day's pace the deposit lasts " + hours + " hours"));
    chain
        .blockLag()
        .filter(lag -> lag.compareTo(config.blockLagAlert()) > 0)
        .ifPresent(
            lag -> alerts.add("the node's newest block is " + lag.toSeconds() + " seconds old"));
    Optional.ofNullable(seen)
        .filter(s -> s.gasPrice().compareTo(config.maxGasPrice()) > 0)
        .ifPresent(s -> alerts.add("gas costs more than its ceiling: " + s.gasPrice() + " wei"));
    Optional.ofNullable(decision).flatMap(Policy.Decision::held).ifPresent(alerts::add);
    Optional<Policy.Seen> looked = Optional.ofNullable(seen);
    return new TreasuryReport(
        config.enabled(),
        paused(),
        signer.wallet().map(wallet -> wallet.address().toString()),
        deposit,
        snapshot.map(s -> new Wei(s.reserve())),
        looked.map(s -> new Wei(s.hotBalance())),
        looked.map(s -> new Wei(s.fundingBalance())),
        looked.map(s -> new Wei(s.gasPrice())),
        snapshot.map(ChainView.Snapshot::lastInitializedRound),
        chain.blockLag().map(Duration::toSeconds),
        runway,
        alerts,
        planned());
  }

  /** Hours the deposit lasts if it goes on as in the last day; nothing when nothing was spent. */
  private Optional<Long> runway(BigInteger deposit) {
    BigInteger spent =
        transactions
            .run(
                tx ->
                    tx.one(
                        "select coalesce(sum(expected_value), 0) v from ticket_batch"
                            + " where created_at > $1",
                        clock.instant().minus(Duration.ofDays(1)).atOffset(ZoneOffset.UTC)))
            .orElseThrow()
            .getBigDecimal("v")
            .toBigIntegerExact();
    return spent.signum() == 0
        ? Optional.empty()
        : Optional.of(
            deposit
                .multiply(BigInteger.valueOf(24))
                .divide(spent)
                .min(BigInteger.valueOf(1_000_000))
                .longValueExact());
  }

  /** Some of the intents, the newest first. */
  List<TreasuryReport.Intent> intents(int limit, String before) {
    return transactions.run(
        tx ->
            tx
                .query(
                    "select * from intent where ($1::text is null or id < $1) order by id desc limit $2",
                    before,
                    limit)
                .stream()
                .map(Treasury::intent)
                .toList());
  }

  private static TreasuryReport.Intent intent(Row row) {
    Instant created = row.getOffsetDateTime("created_at").toInstant();
    return new TreasuryReport.Intent(
        row.getString("id"),
        row.getString("kind"),
        row.getString("status"),
        row.getString("recipient"),
        new Wei(row.getBigDecimal("value").toBigIntegerExact()),
        Optional.ofNullable(row.getLong("nonce")),
        Optional.ofNullable(row.getString("transaction_hash")),
        Optional.ofNullable(row.getBigDecimal("gas_paid"))
            .map(gas -> new Wei(gas.toBigIntegerExact())),
        row.getString("reason"),
        created);
  }
}
