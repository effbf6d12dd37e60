package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainConfig;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.chain.PollingLoop;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.usdc.DepositAddresses;
import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.DerivedWallets;
import io.naap.clearinghouse.wallet.ExtendedKey;
import io.naap.clearinghouse.wallet.FundingWalletConfig;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.ids.Ids;
import io.naap.store.Transactions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
  private final HotWallet hotWallet;
  private final EtherPrice price;
  private final DepositAddresses deposits;
  private final Transactions transactions;
  private final Ledger ledger;
  private final Ids ids;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;
  private final TreasuryReporter telling;
  private volatile TreasuryView view = TreasuryView.NOTHING;
  private volatile List<WalletReconciliation.Compared> compared = List.of();
  private PollingLoop follower;

  Treasury(
      TreasuryConfig config,
      SwapConfig swapConfig,
      UsdcConfig usdcConfig,
      FundingWalletConfig walletConfig,
      ChainConfig chainConfig,
      Chain chain,
      HotWallet hotWallet,
      EtherPrice price,
      DepositAddresses deposits,
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
    this.hotWallet = hotWallet;
    this.price = price;
    this.deposits = deposits;
    this.transactions = transactions;
    this.ledger = ledger;
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
    this.telling =
        new TreasuryReporter(
            config, swapConfig, usdcConfig, chain, hotWallet, transactions, clock, metrics);
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
      follower = PollingLoop.start("treasury", config.interval(), work::look);
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
    private final IntentPosting books;
    private final WalletReconciliation wallets;
    private final TreasuryObserver looking;
    private final TreasuryPlanning planning;
    private Optional<Intents> funding = Optional.empty();
    private Sweeps sweeps;
    private long chainId;

    Work(JsonRpc node, Optional<Wallet> wallet, Optional<DerivedWallets> derived) {
      this.node = node;
      this.wallet = wallet;
      this.derived = derived;
      this.books =
          new IntentPosting(
              ledger,
              Address.parse(usdcConfig.token()),
              Address.parse(swapConfig.weth()),
              swapConfig.router().map(Address::parse));
      this.wallets = new WalletReconciliation(ledger, node, clock);
      this.looking =
          new TreasuryObserver(
              node,
              wallet,
              chain,
              hotWallet,
              price,
              config,
              swapConfig,
              usdcConfig,
              transactions,
              clock);
      this.planning = new TreasuryPlanning(config, swapConfig, usdcConfig, transactions, clock);
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
      TreasuryView before = view;
      view = looking.look(before, sweeps, chainId);
      telling.tell(before, view);
      compare();
      if (config.enabled() && begin) {
        planning.plan(view, funding.orElseThrow(), sweeps);
      }
    }

    private void compare() throws IOException, InterruptedException {
      Map<String, Address> roles = new TreeMap<>();
      hotWallet.get().ifPresent(hot -> roles.put("hot_wallet", hot.address()));
      wallet.ifPresent(own -> roles.put("funding_wallet", own.address()));
      compared = List.copyOf(wallets.compare(roles, compared));
      compared.forEach(one -> metrics.etherUnexplained(one.role(), one.unexplained()));
    }

    private void connect() throws IOException, InterruptedException {
      chainId = JsonRpc.number(node.ask("eth_chainId", JsonRpc.parameters())).longValueExact();
      funding = wallet.map(this::intents);
      sweeps = new Sweeps(usdcConfig, config, deposits, node, transactions, derived, this::intents);
    }

    private Intents intents(Wallet of) {
      return new Intents(transactions, config, node, of, chainId, ids, clock);
    }
  }

  /**
   * Ether of a wallet that neither its opening nor an intent of ours explains.
   *
   * @param role {@code hot_wallet} or {@code funding_wallet}
   * @param wei above zero when the chain has more than the ledger
   */
  public record Unexplained(String role, String wallet, BigInteger wei, Instant at) {}

  /** How the wallets last compared with the ledger; nothing before the first quiet look. */
  public List<Unexplained> unexplained() {
    return compared.stream()
        .map(
            one ->
                new Unexplained(one.role(), one.wallet().toString(), one.unexplained(), one.at()))
        .toList();
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

  TreasuryReport report() {
    return telling.report(view, paused());
  }

  /** The addresses to be swept, as unsigned transactions. */
  TreasuryReport.Sweeps sweeps() {
    return telling.sweeps(view);
  }

  /** Some of the intents, the newest first. */
  List<TreasuryReport.Intent> intents(int limit, String before) {
    return telling.intents(limit, before);
  }
}
