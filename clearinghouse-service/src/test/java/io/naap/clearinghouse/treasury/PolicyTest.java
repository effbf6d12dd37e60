package io.naap.clearinghouse.treasury;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.wallet.Address;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** With the usual marks: deposit 0.1 to 0.2 ether, reserve 0.36 to 0.4, one ether a day, 5 gwei. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class PolicyTest {
  private static final Address HOT = Address.parse("0x" + "11".repeat(20));
  private static final Address BROKER = Address.parse("0x" + "22".repeat(20));
  private static final BigInteger MILLI = BigInteger.TEN.pow(15);

  @Inject TreasuryConfig config;

  @Test
  void nothingIsDoneWhileNothingIsBelowItsMark() {
    assertThat(decide(100, 360, 1_000, 1, 0))
        .isEqualTo(new Policy.Decision(java.util.List.of(), java.util.Optional.empty()));
  }

  @Test
  void depositAndReserveAreFilledUpInOneCallForTheHotWallet() {
    Policy.Decision decision = decide(99, 300, 1_000, 1, 0);

    assertThat(decision.held()).isEmpty();
    assertThat(decision.actions()).hasSize(1);
    Policy.Action fund = decision.actions().getFirst();
    assertThat(fund.to()).isEqualTo(BROKER);
    assertThat(fund.value()).isEqualTo(MILLI.multiply(BigInteger.valueOf(201)));
    assertThat("0x" + HexFormat.of().formatHex(fund.data().toByteArray()))
        .isEqualTo(
            "0x989f789c"
                + Abi.word(HOT)
                + Abi.word(MILLI.multiply(BigInteger.valueOf(101)))
                + Abi.word(MILLI.multiply(BigInteger.valueOf(100))));
  }

  @Test
  void dearGasAnEmptyWalletAndTheDaysLimitHoldItUpAndSaySo() {
    assertThat(decide(0, 400, 1_000, 6, 0).held().orElseThrow()).startsWith("gas costs");
    assertThat(decide(0, 400, 200, 1, 0).held().orElseThrow()).startsWith("the funding wallet");
    assertThat(decide(0, 400, 1_000, 1, 801).held().orElseThrow()).startsWith("the daily limit");
    assertThat(decide(0, 400, 1_000, 1, 800).held()).isEmpty();
    assertThat(decide(0, 400, 1_000, 6, 0).actions()).isEmpty();
  }

  /** Ether in thousandths, gas in gwei. */
  private Policy.Decision decide(long deposit, long reserve, long funding, long gas, long moved) {
    return new Policy(config)
        .decide(
            new Policy.Seen(
                HOT,
                BROKER,
                MILLI.multiply(BigInteger.valueOf(deposit)),
                MILLI.multiply(BigInteger.valueOf(reserve)),
                BigInteger.ZERO,
                MILLI.multiply(BigInteger.valueOf(funding)),
                BigInteger.TEN.pow(9).multiply(BigInteger.valueOf(gas)),
                MILLI.multiply(BigInteger.valueOf(moved))));
  }
}
