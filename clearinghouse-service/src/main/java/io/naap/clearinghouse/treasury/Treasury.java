package io.naap.clearinghouse.treasury;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainConfig;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.chain.Follower;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.signer.RemoteSigner;
import io.naap.clearinghouse.usdc.Deposits;
import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.DerivedWallets;
import io.naap.clearinghouse.wallet.ExtendedKey;
import io.naap.clearinghouse.wallet.FundingWalletConfig;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.Wei;
import io.naap.store.Transactions;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Watches the money on the chain, decides, and has intents brought there. */
@ApplicationScoped
public class Treasury {
  private static final Logger LOG = Logger.getLogger(Treasury.class);
  private static final String KEY_FILE = "naap.clearinghouse.usdc.sweep.key-file";

  private final TreasuryConfig config;
  private final SwapConfig swapConfig;
  private final UsdcConfig usdcConfig;
  private final FundingWalletConfig walletConfig;
  private final ChainConfig chainConfig;
  private final Chain chain;
  private final RemoteSigner signer;
  private final EtherPrice price;
  private final Deposits deposits;
  private final Transactions transactions;
  private final Ledger ledger;
  private final Ids ids;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;
  private final Policy policy;
  private final SwapPolicy swapPolicy;
  private final Alerts alerts;
  private volatile View view = View.NOTHING;
  private Follower follower;

  Treasury(
      TreasuryConfig config,
      SwapConfig swapConfig,
      UsdcConfig usdcConfig,
      FundingWalletConfig walletConfig,
      ChainConfig chainConfig,
      Chain chain,
      RemoteSigner signer,
      EtherPrice price,
      Deposits deposits,
      Transactions transactions,
      Ledger ledger,
      Ids ids,
      Clock clock,
      ClearinghouseMetrics metrics) {
    this.config = config;
    this.swapConfig = swapConfig;
    this.usdcConfig = usdcConfig;
    this.walletConfig = walletConfig;
    this.chainConfig = chainConfig;
    this.chain = chain;
    this.signer = signer;
    this.price = price;
    this.deposits = deposits;
    this.transactions = transactions;
    this.ledger = ledger;
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
    this.policy = new Policy(config);
    this.swapPolicy = new SwapPolicy(swapConfig, config.maxGasPrice(), config.gasLimit());
    this.alerts = new Alerts(config);
  }

  /** One look at the chain, and what was decided upon it. */
  private record View(
      Optional<Address> funding,
      Optional<Policy.Seen> seen,
      Policy.Decision decision,
      Optional<BigInteger> gasPrice,
      Optional<SwapPolicy.Seen> swapSeen,
      SwapPolicy.Decision swap,
      boolean sweepsHere,
      List<Sweeps.Sweep> sweeps,
      long chainId,
      long round,
      Instant roundSince) {
    static final View NOTHING =
        new View(
            Optional.empty(),
            Optional.empty(),
            new Policy.Decision(List.of(), Optional.empty()),
            Optional.empty(),
            Optional.empty(),
            new SwapPolicy.Decision.Nothing(),
            false,
            List.of(),
            0,
            0,
            Instant.EPOCH);

    View {
      sweeps = List.copyOf(sweeps);
    }

    Optional<String> swapHeld() {
      return swap instanceof SwapPolicy.Decision.Held held
          ? Optional.of(held.reason())
          : Optional.empty();
    }
  }

  void start(@Observes StartupEvent started) {
    Optional<Wallet> funding = Wallet.configured(walletConfig);
    Optional<DerivedWallets> derived = derived();
    if (config.enabled() && (funding.isEmpty() || chainConfig.url().isEmpty())) {
      throw new IllegalStateException(
          "naap.clearinghouse.treasury.enabled needs naap.clearinghouse.funding-wallet and"
              + " naap.clearinghouse.chain.url");
    }
    if (chainConfig.url().isPresent() && (funding.isPresent() || usdcConfig.xpub().isPresent())) {
      Work work = new Work(chain.node(), funding, derived);
      follower = Follower.start("treasury", config.interval(), work::look);
    }
  }

  private Optional<DerivedWallets> derived() {
    if (usdcConfig.sweep().keyFile().isEmpty()) {
      return Optional.empty();
    }
    if (usdcConfig.xpub().isEmpty()) {
      throw new IllegalStateException(KEY_FILE + " needs naap.clearinghouse.usdc.xpub");
    }
    return Optional.of(
        DerivedWallets.open(
            KEY_FILE,
            usdcConfig.sweep().keyFile().get(),
            ExtendedKey.parse(usdcConfig.xpub().get())));
  }

  void stop(@Observes ShutdownEvent ending) {
    if (follower != null) {
      follower.stop();
    }
  }

  /** The treasury's thread: what it knows lives as long as the process, what counts is stored. */
  private final class Work {
    private final JsonRpc node;
    private final Optional<Wallet> wallet;
    private final Optional<DerivedWallets> derived;
    private final IntentBooks books;
    private Optional<Intents> funding = Optional.empty();
    private Sweeps sweeps;
    private long chainId;

    Work(JsonRpc node, Optional<Wallet> wallet, Optional<DerivedWallets> derived) {
      this.node = node;
      this.wallet = wallet;
      this.derived = derived;
      this.books =
          new IntentBooks(
              ledger,
              Address.parse(usdcConfig.token()),
              Address.parse(swapConfig.weth()),
              swapConfig.router().map(Address::parse));
    }

    /** First what is under way, so that nothing that is only wished for stands in its way. */
    void look() throws IOException, InterruptedException {
      if (chainId == 0) {
        connect();
      }
      boolean begin = paused().isEmpty();
      if (funding.isPresent()) {
        funding.get().round(begin);
      }
      sweeps.round(begin);
      books.book();
      View before = view;
      view = seen(before);
      tell(before);
      if (config.enabled() && begin) {
        plan();
      }
    }

    private void connect() throws IOException, InterruptedException {
      chainId = JsonRpc.number(node.ask("eth_chainId", JsonRpc.parameters())).longValueExact();
      funding = wallet.map(this::intents);
      sweeps = new Sweeps(usdcConfig, config, deposits, node, transactions, derived, this::intents);
    }

    private Intents intents(Wallet of) {
      return new Intents(transactions, config, node, of, chainId, ids, clock);
    }

    private View seen(View before) throws IOException, InterruptedException {
      BigInteger gasPrice = JsonRpc.number(node.latestBlock().path("baseFeePerGas"));
      Optional<ChainView.Snapshot> snapshot = chain.latest();
      Optional<Policy.Seen> seen = seen(snapshot, gasPrice);
      Optional<SwapPolicy.Seen> swapSeen = swapSeen(gasPrice);
      long round = snapshot.map(ChainView.Snapshot::lastInitializedRound).orElse(before.round());
      return new View(
          wallet.map(Wallet::address),
          seen,
          seen.isEmpty() || isUnderWay("fund", "fill_hot")
              ? View.NOTHING.decision()
              : policy.decide(seen.get()),
          Optional.of(gasPrice),
          swapSeen,
          swapSeen.isEmpty() || isUnderWay("approve", "swap")
              ? new SwapPolicy.Decision.Nothing()
              : swap(swapSeen.get()),
          sweeps.signs(),
          sweeps.look(gasPrice),
          chainId,
          round,
          round == before.round() ? before.roundSince() : clock.instant());
    }

    private Optional<Policy.Seen> seen(Optional<ChainView.Snapshot> snapshot, BigInteger gasPrice)
        throws IOException, InterruptedException {
      Optional<Address> broker = chain.broker();
      Optional<Wallet> hot = signer.wallet();
      if (snapshot.isEmpty() || broker.isEmpty() || hot.isEmpty() || wallet.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new Policy.Seen(
              hot.get().address(),
              broker.get(),
              snapshot.get().deposit(),
              snapshot.get().reserve(),
              balance(hot.get().address()),
              balance(wallet.get().address()),
              gasPrice,
              lastDay("sum(value)", "true")));
    }

    private Optional<SwapPolicy.Seen> swapSeen(BigInteger gasPrice)
        throws IOException, InterruptedException {
      if (wallet.isEmpty() || swapConfig.router().isEmpty()) {
        return Optional.empty();
      }
      Address own = wallet.get().address();
      Address router = Address.parse(swapConfig.router().get());
      return Optional.of(
          new SwapPolicy.Seen(
              balance(own),
              number(usdcConfig.token(), SwapCalls.balanceOf(own)),
              number(usdcConfig.token(), SwapCalls.allowance(own, router)),
              price.dollarsPerEther(),
              gasPrice,
              lastDay("sum(token_amount)", "kind = 'swap'")));
    }

    private SwapPolicy.Decision swap(SwapPolicy.Seen seen)
        throws IOException, InterruptedException {
      SwapPolicy.Decision decided = swapPolicy.decide(seen);
      return decided instanceof SwapPolicy.Decision.Swap swap && swapConfig.quoter().isPresent()
          ? swapPolicy.quoted(
              swap,
              number(
                  swapConfig.quoter().get(),
                  SwapCalls.quote(
                      Address.parse(usdcConfig.token()),
                      Address.parse(swapConfig.weth()),
                      swapConfig.poolFee(),
                      swap.amount())))
          : decided;
    }

    /** What is under way is not seen yet: deciding upon what is seen would count it twice. */
    private boolean isUnderWay(String... kinds) {
      return transactions
          .run(
              tx ->
                  tx.one(
                      "select 1 from intent where kind = any($1)"
                          + " and status in ('planned', 'signed', 'sent', 'confirmed') limit 1",
                      (Object) kinds))
          .isPresent();
    }

    private BigInteger balance(Address of) throws IOException, InterruptedException {
      return JsonRpc.number(
          node.ask("eth_getBalance", JsonRpc.parameters(of.lowerCase(), "latest")));
    }

    private BigInteger number(String contract, String call)
        throws IOException, InterruptedException {
      byte[] answer = node.call(contract, call);
      if (answer.length < 32) {
        throw new IOException("a contract answered too little: " + contract);
      }
      return new BigInteger(1, answer, 0, 32);
    }

    /** By intents of the last 24 hours, whatever became of them, as long as they may be mined. */
    private BigInteger lastDay(String sum, String which) {
      return transactions
          .run(
              tx ->
                  tx.one(
                      "select coalesce("
                          + sum
                          + ", 0) v from intent where created_at > $1 and "
                          + which
                          + " and status not in ('reverted', 'replaced', 'expired')",
                      clock.instant().minus(Duration.ofDays(1)).atOffset(ZoneOffset.UTC)))
          .orElseThrow()
          .getBigDecimal("v")
          .toBigIntegerExact();
    }

    private void plan() {
      View now = view;
      Intents own = funding.orElseThrow();
      now.decision()
          .actions()
          .forEach(
              action ->
                  once(
                      own,
                      action.kind(),
                      action.to(),
                      action.value(),
                      action.data(),
                      BigInteger.ZERO,
                      Optional.empty(),
                      action.reason()));
      plan(now.swap(), own);
      // With a key only: without, ether for gas would lie about.
      if (sweeps.signs()) {
        now.sweeps().forEach(one -> sweeps.plan(one, own));
      }
    }

    private void plan(SwapPolicy.Decision swap, Intents own) {
      switch (swap) {
        case SwapPolicy.Decision.Nothing nothing -> LOG.trace("ether enough");
        case SwapPolicy.Decision.Held held -> LOG.trace(held.reason());
        case SwapPolicy.Decision.Approve approve ->
            once(
                own,
                "approve",
                Address.parse(usdcConfig.token()),
                BigInteger.ZERO,
                SwapCalls.approve(
                    Address.parse(swapConfig.router().orElseThrow()), approve.amount()),
                BigInteger.ZERO,
                Optional.empty(),
                reason(swap));
        case SwapPolicy.Decision.Swap wanted -> {
          Instant deadline = clock.instant().plus(swapConfig.validFor());
          once(
              own,
              "swap",
              Address.parse(swapConfig.router().orElseThrow()),
              BigInteger.ZERO,
              SwapCalls.swap(
                  Address.parse(usdcConfig.token()),
                  Address.parse(swapConfig.weth()),
                  swapConfig.poolFee(),
                  wallet.orElseThrow().address(),
                  wanted.amount(),
                  wanted.least(),
                  deadline),
              wanted.amount(),
              Optional.of(deadline),
              reason(swap));
        }
      }
    }

    /** One of a kind at a time: until it is final, what is seen may not show it yet. */
    private void once(
        Intents own,
        String kind,
        Address to,
        BigInteger value,
        ByteString data,
        BigInteger tokenAmount,
        Optional<Instant> validUntil,
        String reason) {
      Row last =
          transactions
              .run(
                  tx ->
                      tx.one(
                          """
                          select count(*) n, count(*) filter (
                            where status in ('planned', 'signed', 'sent', 'confirmed')) under_way
                          from intent where kind = $1""",
                          kind))
              .orElseThrow();
      if (last.getLong("under_way") == 0) {
        own.plan(
            new Intents.Plan(
                kind + ":" + last.getLong("n"),
                kind,
                to,
                value,
                data,
                config.gasLimit(),
                tokenAmount,
                validUntil,
                reason));
      }
    }
  }

  private static String reason(SwapPolicy.Decision decision) {
    return switch (decision) {
      case SwapPolicy.Decision.Nothing nothing -> "";
      case SwapPolicy.Decision.Held held -> held.reason();
      case SwapPolicy.Decision.Approve approve ->
          "the router may take " + approve.amount() + " millionths of USDC";
      case SwapPolicy.Decision.Swap swap ->
          "%s millionths of USDC for about %s wei, at least %s"
              .formatted(swap.amount(), swap.expected(), swap.least());
    };
  }

  /** The log once, when it begins; metrics always. */
  private void tell(View before) {
    View now = view;
    now.decision()
        .held()
        .filter(reason -> before.decision().held().isEmpty())
        .ifPresent(reason -> LOG.errorf("the treasury is held up: %s", reason));
    now.swapHeld()
        .filter(reason -> before.swapHeld().isEmpty())
        .ifPresent(reason -> LOG.errorf("a swap is held up: %s", reason));
    List<Alerts.Alert> active = alerts(now);
    Alerts.KINDS.forEach(
        kind -> metrics.treasuryAlert(kind, active.stream().anyMatch(a -> a.kind().equals(kind))));
    now.gasPrice().ifPresent(metrics::gasPrice);
    chain.blockLag().ifPresent(metrics::blockLag);
    metrics.round(now.round());
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    snapshot.ifPresent(
        seen -> {
          metrics.ether("deposit", seen.deposit());
          metrics.ether("reserve", seen.reserve());
        });
    snapshot.flatMap(seen -> runway(seen.deposit())).ifPresent(metrics::runway);
    now.seen()
        .ifPresent(
            seen -> {
              metrics.ether("hot_wallet", seen.hotBalance());
              metrics.ether("funding_wallet", seen.fundingBalance());
            });
  }

  private List<Alerts.Alert> alerts(View now) {
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    return alerts.of(
        new Alerts.Seen(
            snapshot,
            chain.blockLag(),
            now.roundSince().equals(Instant.EPOCH)
                ? Optional.empty()
                : Optional.of(Duration.between(now.roundSince(), clock.instant())),
            now.gasPrice(),
            snapshot.flatMap(seen -> runway(seen.deposit())),
            now.decision().held(),
            now.swapHeld()));
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
  private List<TreasuryReport.Planned> planned(View now) {
    List<TreasuryReport.Planned> planned = new ArrayList<>();
    now.decision()
        .actions()
        .forEach(
            action ->
                planned.add(
                    new TreasuryReport.Planned(
                        action.kind(),
                        action.to().toString(),
                        new Wei(action.value()),
                        action.reason())));
    switch (now.swap()) {
      case SwapPolicy.Decision.Nothing nothing -> LOG.trace("ether enough");
      case SwapPolicy.Decision.Held held -> LOG.trace(held.reason());
      case SwapPolicy.Decision.Approve approve ->
          planned.add(
              new TreasuryReport.Planned(
                  "approve", usdcConfig.token(), Wei.ZERO, reason(now.swap())));
      case SwapPolicy.Decision.Swap swap ->
          planned.add(
              new TreasuryReport.Planned(
                  "swap", swapConfig.router().orElseThrow(), Wei.ZERO, reason(now.swap())));
    }
    now.sweeps()
        .forEach(
            sweep ->
                planned.add(
                    new TreasuryReport.Planned(
                        sweep.missingEther().signum() > 0 ? "sweep_gas" : "sweep",
                        sweep.missingEther().signum() > 0
                            ? sweep.from().toString()
                            : usdcConfig.token(),
                        new Wei(sweep.missingEther()),
                        sweep.amount()
                            + " millionths of USDC of "
                            + sweep.tenantId()
                            + " at "
                            + sweep.from()
                            + (now.sweepsHere() ? "" : ", to be signed elsewhere"))));
    return planned;
  }

  /** The addresses to be swept, as unsigned transactions. */
  TreasuryReport.Sweeps sweeps() {
    View now = view;
    return new TreasuryReport.Sweeps(
        now.sweepsHere(),
        usdcConfig.sweep().to(),
        now.sweeps().stream()
            .map(
                sweep ->
                    new TreasuryReport.Sweep(
                        "m/44'/60'/0'/0/" + sweep.index(),
                        sweep.from().toString(),
                        sweep.tenantId(),
                        sweep.amount().toString(),
                        new Wei(sweep.ether()),
                        new Wei(sweep.missingEther()),
                        new TreasuryReport.Unsigned(
                            now.chainId(),
                            usdcConfig.token(),
                            Wei.ZERO,
                            "0x"
                                + HexFormat.of()
                                    .formatHex(
                                        SwapCalls.transfer(sweep.to(), sweep.amount())
                                            .toByteArray()),
                            sweep.gasLimit())))
            .toList());
  }

  TreasuryReport report() {
    View now = view;
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    return new TreasuryReport(
        config.enabled(),
        paused(),
        signer.wallet().map(wallet -> wallet.address().toString()),
        snapshot.map(s -> new Wei(s.deposit())),
        snapshot.map(s -> new Wei(s.reserve())),
        now.seen().map(s -> new Wei(s.hotBalance())),
        now.funding().map(Address::toString),
        now.seen().map(s -> new Wei(s.fundingBalance())),
        now.swapSeen().map(s -> s.usdc().toString()),
        now.gasPrice().map(Wei::new),
        snapshot.map(ChainView.Snapshot::lastInitializedRound),
        chain.blockLag().map(Duration::toSeconds),
        snapshot.flatMap(s -> runway(s.deposit())),
        alerts(now).stream().map(Alerts.Alert::text).toList(),
        planned(now));
  }

  private Optional<Long> runway(BigInteger deposit) {
    return Alerts.runway(
        deposit,
        transactions
            .run(
                tx ->
                    tx.one(
                        "select coalesce(sum(expected_value), 0) v from ticket_batch"
                            + " where created_at > $1",
                        clock.instant().minus(Duration.ofDays(1)).atOffset(ZoneOffset.UTC)))
            .orElseThrow()
            .getBigDecimal("v")
            .toBigIntegerExact());
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
        row.getString("sender"),
        row.getString("recipient"),
        new Wei(row.getBigDecimal("value").toBigIntegerExact()),
        row.getBigDecimal("token_amount").toBigIntegerExact().toString(),
        Optional.ofNullable(row.getLong("nonce")),
        Optional.ofNullable(row.getString("transaction_hash")),
        Optional.ofNullable(row.getBigDecimal("gas_paid"))
            .map(gas -> new Wei(gas.toBigIntegerExact())),
        row.getString("reason"),
        created);
  }
}
