package io.naap.clearinghouse.signer.payment;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.signer.Orchestrator;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.TestWallet;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class StaleChainTest {
  private static final ChainView STALE =
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

  @Test
  void nothingIsSignedUponAnOldViewOfTheChain() {
    PaymentReader reader =
        new PaymentReader(
            TestWallet.hardhat0(), STALE, Clock.systemUTC(), RandomGenerator.getDefault());

    PaymentReader.Reading reading =
        reader.read(
            new SignerCaller("gateway-a", Optional.of("g"), Optional.empty(), "standard"),
            new Orchestrator().first());

    assertThat(reading)
        .isInstanceOfSatisfying(
            PaymentReader.Reading.Refused.class,
            refused -> {
              assertThat(refused.refusal().status()).isEqualTo(503);
              assertThat(refused.refusal().reason()).isEqualTo("chain_stale");
            });
  }
}
