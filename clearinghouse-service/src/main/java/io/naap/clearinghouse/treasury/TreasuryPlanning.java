package io.naap.clearinghouse.treasury;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.wallet.Address;
import jakarta.inject.Singleton;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Turns decisions into intents, one of each kind at a time. */
@Singleton
class TreasuryPlanning {
  private static final Logger LOG = Logger.getLogger(TreasuryPlanning.class);

  private final TreasurySettings settings;
  private final TreasuryStore store;
  private final Clock clock;

  TreasuryPlanning(TreasurySettings settings, TreasuryStore store, Clock clock) {
    this.settings = settings;
    this.store = store;
    this.clock = clock;
  }

  /**
   * Plans what was decided.
   *
   * @param own the intents of the funding wallet
   */
  void plan(TreasuryView now, Intents own, Sweeps sweeps) {
    now.refill()
        .decision()
        .actions()
        .forEach(
            action ->
                once(
                    own,
                    action.kind(),
                    call(action.to(), action.value(), action.data()),
                    BigInteger.ZERO,
                    Optional.empty(),
                    action.reason()));
    plan(now.swap().decision(), own, now.funding().orElseThrow());
    // Without the keys of the addresses, ether for their gas would not be used.
    if (sweeps.signs()) {
      now.sweeping().sweeps().forEach(one -> sweeps.plan(one, own));
    }
  }

  private void plan(SwapPolicy.Decision swap, Intents own, Address receiver) {
    switch (swap) {
      case SwapPolicy.Decision.Nothing nothing -> LOG.trace("no swap is needed");
      case SwapPolicy.Decision.Held held -> LOG.trace(held.reason());
      case SwapPolicy.Decision.Approve approve ->
          once(
              own,
              "approve",
              call(
                  settings.usdcToken(),
                  BigInteger.ZERO,
                  SwapCalls.approve(settings.swapRouter().orElseThrow(), approve.amount())),
              BigInteger.ZERO,
              Optional.empty(),
              swap.reason());
      case SwapPolicy.Decision.Swap wanted -> {
        Instant deadline = clock.instant().plus(settings.swap().validFor());
        ByteString data =
            SwapCalls.swap(
                settings.usdcToken(),
                settings.weth(),
                settings.swap().poolFee(),
                receiver,
                wanted.amount(),
                wanted.least(),
                deadline);
        once(
            own,
            "swap",
            call(settings.swapRouter().orElseThrow(), BigInteger.ZERO, data),
            wanted.amount(),
            Optional.of(deadline),
            swap.reason());
      }
    }
  }

  private Intents.Call call(Address to, BigInteger value, ByteString data) {
    return new Intents.Call(to, value, data, settings.treasury().gasLimit());
  }

  /** Plans an intent, unless one of its kind may still change the chain. */
  private void once(
      Intents own,
      String kind,
      Intents.Call call,
      BigInteger tokenAmount,
      Optional<Instant> validUntil,
      String reason) {
    TreasuryStore.Count known = store.countOfKind(kind);
    if (known.underWay() == 0) {
      own.plan(
          new Intents.Plan(kind + ":" + known.all(), kind, call, tokenAmount, validUntil, reason));
    }
  }
}
