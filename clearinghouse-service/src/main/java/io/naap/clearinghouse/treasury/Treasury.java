package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainConfig;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.chain.PollingLoop;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.usdc.DepositAddresses;
import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.DerivedWallets;
import io.naap.clearinghouse.wallet.ExtendedKey;
import io.naap.clearinghouse.wallet.FundingWalletConfig;
import io.naap.clearinghouse.wallet.Wallet;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The treasury of the wallets: starts its loop where a chain and a wallet are configured, and
 * answers for it.
 */
@ApplicationScoped
public class Treasury {
  private static final Logger LOG = Logger.getLogger(Treasury.class);
  private static final String KEY_FILE = "naap.clearinghouse.usdc.sweep.key-file";

  private final FundingWalletConfig walletConfig;
  private final ChainConfig chainConfig;
  private final Chain chain;
  private final DepositAddresses deposits;
  private final IntentStores intentStores;
  private final Ledger ledger;
  private final Clock clock;
  private final TreasuryStages stages;
  private volatile TreasuryLoop loop;
  private PollingLoop polling;

  Treasury(
      FundingWalletConfig walletConfig,
      ChainConfig chainConfig,
      Chain chain,
      DepositAddresses deposits,
      IntentStores intentStores,
      Ledger ledger,
      Clock clock,
      TreasuryStages stages) {
    this.walletConfig = walletConfig;
    this.chainConfig = chainConfig;
    this.chain = chain;
    this.deposits = deposits;
    this.intentStores = intentStores;
    this.ledger = ledger;
    this.clock = clock;
    this.stages = stages;
  }

  void start(@Observes StartupEvent started) {
    TreasurySettings settings = stages.get().settings();
    Optional<Wallet> funding = Wallet.configured(walletConfig);
    Optional<DerivedWallets> derived = derived(settings.usdc());
    if (settings.treasury().enabled() && (funding.isEmpty() || chainConfig.url().isEmpty())) {
      throw new IllegalStateException(
          "naap.clearinghouse.treasury.enabled needs naap.clearinghouse.funding-wallet and"
              + " naap.clearinghouse.chain.url");
    }
    if (chainConfig.url().isPresent()
        && (funding.isPresent() || settings.usdc().xpub().isPresent())) {
      loop = loop(settings, chain.node(), funding, derived);
      polling = PollingLoop.start("treasury", settings.treasury().interval(), loop::round);
    }
  }

  private TreasuryLoop loop(
      TreasurySettings settings,
      JsonRpc node,
      Optional<Wallet> funding,
      Optional<DerivedWallets> derived) {
    TreasuryLoop.Connector connector =
        new TreasuryLoop.Connector() {
          @Override
          public Intents intents(Wallet wallet, long chainId) {
            return new Intents(
                settings.treasury(), node, wallet, chainId, intentStores.of(wallet), clock);
          }

          @Override
          public Sweeps sweeps(long chainId) {
            return new Sweeps(
                settings,
                deposits,
                stages.get().store(),
                node,
                derived,
                wallet -> intents(wallet, chainId));
          }
        };
    return new TreasuryLoop(
        stages.get(),
        node,
        new IntentPosting(ledger, settings.usdcToken(), settings.weth(), settings.swapRouter()),
        new WalletReconciliation(ledger, node, clock),
        funding,
        connector);
  }

  private static Optional<DerivedWallets> derived(UsdcConfig usdc) {
    if (usdc.sweep().keyFile().isEmpty()) {
      return Optional.empty();
    }
    String xpub =
        usdc.xpub()
            .orElseThrow(
                () -> new IllegalStateException(KEY_FILE + " needs naap.clearinghouse.usdc.xpub"));
    return Optional.of(
        DerivedWallets.open(KEY_FILE, usdc.sweep().keyFile().get(), ExtendedKey.parse(xpub)));
  }

  void stop(@Observes ShutdownEvent ending) {
    if (polling != null) {
      polling.stop();
    }
  }

  /**
   * Ether of a wallet that neither its opening nor an intent explains.
   *
   * @param role {@code hot_wallet} or {@code funding_wallet}
   * @param wei above zero when the chain has more than the ledger
   */
  public record Unexplained(String role, String wallet, BigInteger wei, Instant at) {}

  /** The last comparison of the wallets with the ledger; empty before the first. */
  public List<Unexplained> unexplained() {
    List<WalletReconciliation.Compared> compared = loop == null ? List.of() : loop.compared();
    return compared.stream()
        .map(
            one ->
                new Unexplained(one.role(), one.wallet().toString(), one.unexplained(), one.at()))
        .toList();
  }

  private TreasuryView view() {
    return loop == null ? TreasuryView.NOTHING : loop.view();
  }

  void pause(String reason, String by) {
    stages.get().store().pause(reason, by);
    LOG.warnf("the treasury is paused, by=%s", by);
  }

  /** False when it was not paused. */
  boolean resume(String by) {
    LOG.warnf("the treasury is resumed, by=%s", by);
    return stages.get().store().resume();
  }

  TreasuryReport report() {
    return stages.get().reporter().report(view(), stages.get().store().paused());
  }

  /** The deposit addresses to be swept, as unsigned transactions. */
  TreasuryReport.Sweeps sweeps() {
    return stages.get().reporter().sweeps(view());
  }
}
