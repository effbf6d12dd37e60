package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.contracts.money.Wei;
import jakarta.inject.Singleton;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Reports what was observed: to the log, the metrics and the API. */
@Singleton
class TreasuryReporter {
  private static final Logger LOG = Logger.getLogger(TreasuryReporter.class);

  private final TreasurySettings settings;
  private final TreasuryStore store;
  private final Chain chain;
  private final HotWallet hotWallet;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;
  private final Alerts alerts;

  TreasuryReporter(
      TreasurySettings settings,
      TreasuryStore store,
      Chain chain,
      HotWallet hotWallet,
      Clock clock,
      ClearinghouseMetrics metrics) {
    this.settings = settings;
    this.store = store;
    this.chain = chain;
    this.hotWallet = hotWallet;
    this.clock = clock;
    this.metrics = metrics;
    this.alerts = new Alerts(settings.treasury());
  }

  /** Logs what newly stands in the way, and sets the metrics. */
  void report(TreasuryView before, TreasuryView now) {
    now.refill()
        .decision()
        .held()
        .filter(reason -> before.refill().decision().held().isEmpty())
        .ifPresent(reason -> LOG.errorf("the treasury cannot refill: %s", reason));
    now.swap()
        .held()
        .filter(reason -> before.swap().held().isEmpty())
        .ifPresent(reason -> LOG.errorf("the treasury cannot swap: %s", reason));
    List<Alerts.Alert> active = alerts(now);
    for (Alerts.Kind kind : Alerts.Kind.values()) {
      metrics.treasuryAlert(
          kind.wireName(), active.stream().anyMatch(alert -> alert.kind() == kind));
    }
    now.gasPrice().ifPresent(metrics::gasPrice);
    chain.blockLag().ifPresent(metrics::blockLag);
    metrics.round(now.round().number());
    chain
        .latest()
        .ifPresent(
            seen -> {
              metrics.ether("deposit", seen.deposit());
              metrics.ether("reserve", seen.reserve());
            });
    runway().ifPresent(metrics::runway);
    now.refill()
        .seen()
        .ifPresent(
            seen -> {
              metrics.ether("hot_wallet", seen.hotBalance());
              metrics.ether("funding_wallet", seen.fundingBalance());
            });
  }

  private List<Alerts.Alert> alerts(TreasuryView now) {
    Instant since = now.round().since();
    return alerts.of(
        new Alerts.Seen(
            chain.latest(),
            chain.blockLag(),
            since.equals(Instant.EPOCH)
                ? Optional.empty()
                : Optional.of(Duration.between(since, clock.instant())),
            now.gasPrice(),
            runway(),
            now.refill().decision().held(),
            now.swap().held()));
  }

  /** What the treasury would do now, whether or not it may. */
  private List<TreasuryReport.Planned> planned(TreasuryView now) {
    List<TreasuryReport.Planned> planned = new ArrayList<>();
    for (Policy.Action action : now.refill().decision().actions()) {
      planned.add(
          new TreasuryReport.Planned(
              action.kind(), action.to().toString(), new Wei(action.value()), action.reason()));
    }
    SwapPolicy.Decision decision = now.swap().decision();
    switch (decision) {
      case SwapPolicy.Decision.Nothing nothing -> LOG.trace("no swap is needed");
      case SwapPolicy.Decision.Held held -> LOG.trace(held.reason());
      case SwapPolicy.Decision.Approve approve ->
          planned.add(
              new TreasuryReport.Planned(
                  "approve", settings.usdc().token(), Wei.ZERO, decision.reason()));
      case SwapPolicy.Decision.Swap swap ->
          planned.add(
              new TreasuryReport.Planned(
                  "swap", settings.swap().router().orElseThrow(), Wei.ZERO, decision.reason()));
    }
    for (Sweeps.Sweep sweep : now.sweeping().sweeps()) {
      planned.add(
          new TreasuryReport.Planned(
              sweep.needsGas() ? "sweep_gas" : "sweep",
              sweep.needsGas() ? sweep.from().toString() : settings.usdc().token(),
              new Wei(sweep.missingEther()),
              "%s millionths of USDC of %s at %s%s"
                  .formatted(
                      sweep.amount(),
                      sweep.tenantId(),
                      sweep.from(),
                      now.sweeping().signedHere() ? "" : ", to be signed elsewhere")));
    }
    return planned;
  }

  /** The deposit addresses to be swept, as unsigned transactions. */
  TreasuryReport.Sweeps sweeps(TreasuryView now) {
    return new TreasuryReport.Sweeps(
        now.sweeping().signedHere(),
        settings.usdc().sweep().to(),
        now.sweeping().sweeps().stream()
            .map(sweep -> unsigned(sweep, now.sweeping().chainId()))
            .toList());
  }

  private TreasuryReport.Sweep unsigned(Sweeps.Sweep sweep, long chainId) {
    byte[] data = SwapCalls.transfer(sweep.to(), sweep.amount()).toByteArray();
    return new TreasuryReport.Sweep(
        "m/44'/60'/0'/0/" + sweep.index(),
        sweep.from().toString(),
        sweep.tenantId(),
        sweep.amount().toString(),
        new Wei(sweep.ether()),
        new Wei(sweep.missingEther()),
        new TreasuryReport.Unsigned(
            chainId,
            settings.usdc().token(),
            Wei.ZERO,
            "0x" + HexFormat.of().formatHex(data),
            sweep.gasLimit()));
  }

  TreasuryReport report(TreasuryView now, Optional<String> paused) {
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    Optional<Policy.Seen> seen = now.refill().seen();
    return new TreasuryReport(
        settings.treasury().enabled(),
        paused,
        new TreasuryReport.Balances(
            hotWallet.get().map(wallet -> wallet.address().toString()),
            snapshot.map(s -> new Wei(s.deposit())),
            snapshot.map(s -> new Wei(s.reserve())),
            seen.map(s -> new Wei(s.hotBalance())),
            now.funding().map(Address::toString),
            seen.map(s -> new Wei(s.fundingBalance())),
            now.swap().seen().map(s -> s.usdc().toString())),
        new TreasuryReport.Network(
            now.gasPrice().map(Wei::new),
            snapshot.map(ChainView.Snapshot::lastInitializedRound),
            chain.blockLag().map(Duration::toSeconds),
            runway()),
        alerts(now).stream().map(Alerts.Alert::text).toList(),
        planned(now));
  }

  /** How many hours the deposit lasts at the last day's pace. */
  private Optional<Long> runway() {
    Optional<BigInteger> deposit = chain.latest().map(ChainView.Snapshot::deposit);
    return deposit.flatMap(there -> Alerts.runway(there, store.ticketsOfADay()));
  }
}
