package io.naap.clearinghouse.signer.payment;

import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.orchestrators.SeenPrices;
import io.naap.clearinghouse.signer.tickets.TicketStore;
import io.naap.clearinghouse.wallet.Wallet;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.random.RandomGenerator;

/** Puts the stages of payments together for a wallet. */
@Singleton
public class PaymentStages {
  private final TicketStore store;
  private final EtherPrice etherPrice;
  private final SignerConfig config;
  private final ClearinghouseMetrics metrics;
  private final Clock clock;
  private final RandomGenerator random;

  PaymentStages(
      TicketStore store,
      EtherPrice etherPrice,
      SignerConfig config,
      ClearinghouseMetrics metrics,
      Clock clock,
      RandomGenerator random) {
    this.store = store;
    this.etherPrice = etherPrice;
    this.config = config;
    this.metrics = metrics;
    this.clock = clock;
    this.random = random;
  }

  public LivePayments with(Wallet wallet, ChainView chain, SeenPrices prices) {
    return new LivePayments(
        new PaymentReader(wallet, chain, clock, random),
        new PaymentJudge(config, chain, prices, etherPrice, random),
        store,
        new PaymentSigning(wallet),
        metrics);
  }
}
