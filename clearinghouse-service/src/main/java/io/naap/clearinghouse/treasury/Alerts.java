package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.ChainView;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Decides which alerts stand, from what was observed on the chain. */
final class Alerts {
  private static final BigInteger HOURS_A_DAY = BigInteger.valueOf(24);
  private static final BigInteger LONGEST = BigInteger.valueOf(1_000_000);

  private final TreasuryConfig config;

  Alerts(TreasuryConfig config) {
    this.config = config;
  }

  /** One alert; the text is for a person. */
  record Alert(Kind kind, String text) {}

  /** What an alert is about; also the ones that are over are shown in the metrics. */
  enum Kind {
    CHAIN_AWAY,
    UNLOCKING,
    DEPOSIT_LOW,
    RESERVE_LOW,
    RUNWAY_SHORT,
    BLOCK_LAG,
    ROUND_LATE,
    GAS_HIGH,
    HELD,
    SWAP_HELD;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was observed.
   *
   * @param chain absent when the last observation is too old
   * @param sinceRound the time since the last round began
   * @param held why a refill that is needed is not made
   * @param swapHeld why a swap that is needed is not made
   */
  record Seen(
      Optional<ChainView.Snapshot> chain,
      Optional<Duration> blockLag,
      Optional<Duration> sinceRound,
      Optional<BigInteger> gasPrice,
      Optional<Long> runwayHours,
      Optional<String> held,
      Optional<String> swapHeld) {}

  List<Alert> of(Seen seen) {
    List<Alert> alerts = new ArrayList<>();
    if (seen.chain().isEmpty()) {
      alerts.add(
          new Alert(Kind.CHAIN_AWAY, "the chain has not answered lately; nothing is signed"));
    }
    seen.chain().ifPresent(chain -> money(chain, alerts));
    seen.runwayHours()
        .filter(hours -> hours < config.runwayAlert().toHours())
        .ifPresent(
            hours ->
                alerts.add(
                    new Alert(
                        Kind.RUNWAY_SHORT,
                        "at the last day's pace the deposit lasts " + hours + " hours")));
    seen.blockLag()
        .filter(lag -> lag.compareTo(config.blockLagAlert()) > 0)
        .ifPresent(
            lag ->
                alerts.add(
                    new Alert(
                        Kind.BLOCK_LAG,
                        "the node's newest block is " + lag.toSeconds() + " seconds old")));
    seen.sinceRound()
        .filter(since -> since.compareTo(config.roundAlert()) > 0)
        .ifPresent(
            since ->
                alerts.add(
                    new Alert(
                        Kind.ROUND_LATE,
                        "no round was initialized for "
                            + since.toHours()
                            + " hours; without one no ticket is redeemed")));
    seen.gasPrice()
        .filter(price -> price.compareTo(config.maxGasPrice()) > 0)
        .ifPresent(
            price ->
                alerts.add(
                    new Alert(
                        Kind.GAS_HIGH, "gas costs more than its ceiling: " + price + " wei")));
    seen.held().ifPresent(reason -> alerts.add(new Alert(Kind.HELD, reason)));
    seen.swapHeld().ifPresent(reason -> alerts.add(new Alert(Kind.SWAP_HELD, reason)));
    return alerts;
  }

  private void money(ChainView.Snapshot chain, List<Alert> alerts) {
    if (chain.withdrawRound().signum() != 0) {
      alerts.add(new Alert(Kind.UNLOCKING, "the deposit is being unlocked"));
    }
    if (chain.deposit().compareTo(config.depositLow()) < 0) {
      alerts.add(new Alert(Kind.DEPOSIT_LOW, "the deposit is below its low mark"));
    }
    if (chain.reserve().compareTo(config.reserveLow()) < 0) {
      alerts.add(new Alert(Kind.RESERVE_LOW, "the reserve is below its low mark"));
    }
  }

  /**
   * The whole hours that the deposit lasts.
   *
   * @param spent expected value of the tickets of the last day
   * @return absent when nothing was spent
   */
  static Optional<Long> runway(BigInteger deposit, BigInteger spent) {
    return spent.signum() == 0
        ? Optional.empty()
        : Optional.of(deposit.multiply(HOURS_A_DAY).divide(spent).min(LONGEST).longValueExact());
  }
}
