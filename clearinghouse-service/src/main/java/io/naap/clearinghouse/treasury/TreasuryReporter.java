package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.contracts.money.Wei;
import io.naap.store.Transactions;
import io.vertx.mutiny.sqlclient.Row;
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

/** Tells what was seen and what is done: reports, alerts, metrics and the log. */
final class TreasuryReporter {
  private static final Logger LOG = Logger.getLogger(TreasuryReporter.class);

  private final TreasuryConfig config;
  private final SwapConfig swapConfig;
  private final UsdcConfig usdcConfig;
  private final Chain chain;
  private final HotWallet hotWallet;
  private final Transactions transactions;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;
  private final Alerts alerts;

  TreasuryReporter(
      TreasuryConfig config,
      SwapConfig swapConfig,
      UsdcConfig usdcConfig,
      Chain chain,
      HotWallet hotWallet,
      Transactions transactions,
      Clock clock,
      ClearinghouseMetrics metrics) {
    this.config = config;
    this.swapConfig = swapConfig;
    this.usdcConfig = usdcConfig;
    this.chain = chain;
    this.hotWallet = hotWallet;
    this.transactions = transactions;
    this.clock = clock;
    this.metrics = metrics;
    this.alerts = new Alerts(config);
  }

  /** The log once, when it begins; metrics always. */
  void tell(TreasuryView before, TreasuryView now) {
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

  private List<Alerts.Alert> alerts(TreasuryView now) {
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

  /** What would be done now, whether or not it may. */
  private List<TreasuryReport.Planned> planned(TreasuryView now) {
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
                  "approve", usdcConfig.token(), Wei.ZERO, now.swap().reason()));
      case SwapPolicy.Decision.Swap swap ->
          planned.add(
              new TreasuryReport.Planned(
                  "swap", swapConfig.router().orElseThrow(), Wei.ZERO, now.swap().reason()));
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
  TreasuryReport.Sweeps sweeps(TreasuryView now) {
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

  TreasuryReport report(TreasuryView now, Optional<String> paused) {
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    return new TreasuryReport(
        config.enabled(),
        paused,
        hotWallet.get().map(wallet -> wallet.address().toString()),
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
                .map(TreasuryReporter::intent)
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
