package io.naap.clearinghouse.treasury;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.Address;
import io.naap.store.Transactions;
import io.vertx.mutiny.sqlclient.Row;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Makes intents of what was decided, one of a kind at a time. */
final class TreasuryPlanning {
  private static final Logger LOG = Logger.getLogger(TreasuryPlanning.class);

  private final TreasuryConfig config;
  private final SwapConfig swapConfig;
  private final UsdcConfig usdcConfig;
  private final Transactions transactions;
  private final Clock clock;

  TreasuryPlanning(
      TreasuryConfig config,
      SwapConfig swapConfig,
      UsdcConfig usdcConfig,
      Transactions transactions,
      Clock clock) {
    this.config = config;
    this.swapConfig = swapConfig;
    this.usdcConfig = usdcConfig;
    this.transactions = transactions;
    this.clock = clock;
  }

  void plan(TreasuryView now, Intents own, Sweeps sweeps) {
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
    plan(now.swap(), own, now.funding().orElseThrow());
    // With a key only: without, ether for gas would lie about.
    if (sweeps.signs()) {
      now.sweeps().forEach(one -> sweeps.plan(one, own));
    }
  }

  private void plan(SwapPolicy.Decision swap, Intents own, Address receiver) {
    switch (swap) {
      case SwapPolicy.Decision.Nothing nothing -> LOG.trace("ether enough");
      case SwapPolicy.Decision.Held held -> LOG.trace(held.reason());
      case SwapPolicy.Decision.Approve approve ->
          once(
              own,
              "approve",
              Address.parse(usdcConfig.token()),
              BigInteger.ZERO,
              SwapCalls.approve(Address.parse(swapConfig.router().orElseThrow()), approve.amount()),
              BigInteger.ZERO,
              Optional.empty(),
              swap.reason());
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
                receiver,
                wanted.amount(),
                wanted.least(),
                deadline),
            wanted.amount(),
            Optional.of(deadline),
            swap.reason());
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
