package io.naap.clearinghouse.signer;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.TestWallet;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(SignerParts.class)
class StaleChainTest {
  @Inject TicketStore store;
  @Inject EtherPrice price;
  @Inject SignerConfig config;
  @Inject ClearinghouseMetrics metrics;
  @Inject Clock clock;

  @Test
  void nothingIsSignedUponAnOldViewOfTheChain() {
    ChainView old =
        new ChainView() {
          @Override
          public Optional<Snapshot> latest() {
            return Optional.empty();
          }

          @Override
          public Optional<Boolean> isRegistered(Address orchestrator) {
            return Optional.of(true);
          }
        };
    LivePayments payments =
        new LivePayments(
            TestWallet.hardhat0(),
            old,
            store,
            price,
            config,
            new SeenPrices(config.priceMemory()),
            metrics,
            clock,
            RandomGenerator.getDefault());

    PaymentOutcome outcome =
        payments.pay(
            new SignerCaller("gateway-a", Optional.of("g"), Optional.empty(), "standard"),
            new Orchestrator().first());

    assertThat(outcome)
        .isInstanceOfSatisfying(
            PaymentOutcome.Refused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(503);
              assertThat(refused.message()).contains("stale");
            });
  }
}
