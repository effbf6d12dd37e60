package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.ChainView;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a person has to know of the money on the chain, from what was seen. */
final class Alerts {
  private static final BigInteger HOURS_A_DAY = BigInteger.valueOf(24);
  private static final BigInteger LONGEST = BigInteger.valueOf(1_000_000);

  private final TreasuryConfig config;

  Alerts(TreasuryConfig config) {
    this.config = config;
  }

  /**
   * One alert.
   *
   * @param kind for metrics, one of {@link #KINDS}
   */
  record Alert(String kind, String text) {}

  /** All there are, so that one that is over is shown as over. */
  static final List<String> KINDS =
      List.of(
          "chain_away",
          "unlocking",
          "deposit_low",
          "reserve_low",
          "runway_short",
          "block_lag",
          "round_late",
          "gas_high",
          "held",
          "swap_held");

  /**
   * What was seen.
   *
   * @param chain the last look, when it is not too old
   * @param sinceRound how long the last round has been the last
   * @param held why something that should be done is not
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
      alerts.add(new Alert("chain_away", "the chain has not answered lately; nothing is signed"));
    }
    seen.chain().ifPresent(chain -> money(chain, alerts));
    seen.runwayHours()
        .filter(hours -> hours < config.runwayAlert().toHours())
        .ifPresent(
            hours ->
                alerts.add(
                    new Alert(
                        "runway_short",
                        "at the last day's pace the deposit lasts " + hours + " hours")));
    seen.blockLag()
        .filter(lag -> lag.compareTo(config.blockLagAlert()) > 0)
        .ifPresent(
            lag ->
                alerts.add(
                    new Alert(
                        "block_lag",
                        "the node's newest block is " + lag.toSeconds() + " seconds old")));
    seen.sinceRound()
        .filter(since -> since.compareTo(config.roundAlert()) > 0)
        .ifPresent(
            since ->
                alerts.add(
                    new Alert(
                        "round_late",
                        "no round was initialized for "
                            + since.toHours()
                            + " hours; without one no ticket is redeemed")));
    seen.gasPrice()
        .filter(price -> price.compareTo(config.maxGasPrice()) > 0)
        .ifPresent(
            price ->
                alerts.add(
                    new Alert("gas_high", "gas costs more than its ceiling: " + price + " wei")));
    seen.held().ifPresent(reason -> alerts.add(new Alert("held", reason)));
    seen.swapHeld().ifPresent(reason -> alerts.add(new Alert("swap_held", reason)));
    return alerts;
  }

  private void money(ChainView.Snapshot chain, List<Alert> alerts) {
    if (chain.withdrawRound().signum() != 0) {
      alerts.add(new Alert("unlocking", "the deposit is being unlocked"));
    }
    if (chain.deposit().compareTo(config.depositLow()) < 0) {
      alerts.add(new Alert("deposit_low", "the deposit is below its mark"));
    }
    if (chain.reserve().compareTo(config.reserveLow()) < 0) {
      alerts.add(new Alert("reserve_low", "the reserve is below its mark"));
    }
  }

  /**
   * Whole hours the deposit lasts.
   *
   * @param spent expected value of the tickets of the last day
   * @return nothing when nothing was spent
   */
  static Optional<Long> runway(BigInteger deposit, BigInteger spent) {
    return spent.signum() == 0
        ? Optional.empty()
        : Optional.of(deposit.multiply(HOURS_A_DAY).divide(spent).min(LONGEST).longValueExact());
  }
}
