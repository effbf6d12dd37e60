package io.naap.clearinghouse.treasury;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.ChainView;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * With the usual marks: deposit 0.1, reserve 0.36 ether, 5 gwei, runway 24 hours, block a minute.
 */
class AlertsTest {
  private static final BigInteger MILLI = BigInteger.TEN.pow(15);
  private final Alerts alerts =
      new Alerts(
          new SmallRyeConfigBuilder()
              .addDiscoveredConverters()
              .withMapping(TreasuryConfig.class)
              .build()
              .getConfigMapping(TreasuryConfig.class));

  @Test
  void nobodyIsToldWhileEverythingIsWithinItsMarks() {
    assertThat(kinds(seen(chain(100, 360, 0), 60, 22 * 60, 5_000_000_000L, 24))).isEmpty();
  }

  @Test
  void eachThingThatIsBeyondItsMarkIsToldByItsName() {
    assertThat(kinds(seen(chain(99, 360, 0), 0, 0, 1, 100))).containsExactly("deposit_low");
    assertThat(kinds(seen(chain(100, 359, 0), 0, 0, 1, 100))).containsExactly("reserve_low");
    assertThat(kinds(seen(chain(100, 360, 4_102), 0, 0, 1, 100))).containsExactly("unlocking");
    assertThat(kinds(seen(chain(100, 360, 0), 61, 0, 1, 100))).containsExactly("block_lag");
    assertThat(kinds(seen(chain(100, 360, 0), 0, 22 * 60 + 1, 1, 100)))
        .containsExactly("round_late");
    assertThat(kinds(seen(chain(100, 360, 0), 0, 0, 5_000_000_001L, 100)))
        .containsExactly("gas_high");
    assertThat(kinds(seen(chain(100, 360, 0), 0, 0, 1, 23))).containsExactly("runway_short");
    assertThat(kinds(seen(Optional.empty(), 0, 0, 1, 100))).containsExactly("chain_away");
    assertThat(List.of(Alerts.Kind.values()).stream().map(Alerts.Kind::wireName).toList())
        .containsAll(kinds(seen(chain(1, 1, 1), 61, 9_999, 6_000_000_000L, 1)))
        .contains("chain_away", "held", "swap_held");
  }

  /** 0.6 ether, of which tickets took 0.05 ether in the last day: 12 days. */
  @Test
  void theRunwayIsWholeHoursAtTheLastDaysPace() {
    assertThat(Alerts.runway(milli(600), milli(50))).contains(288L);
    assertThat(Alerts.runway(milli(600), milli(599))).contains(24L);
    assertThat(Alerts.runway(milli(600), milli(601))).contains(23L);
    assertThat(Alerts.runway(BigInteger.ZERO, milli(1))).contains(0L);
    assertThat(Alerts.runway(milli(600), BigInteger.ZERO)).isEmpty();
    assertThat(Alerts.runway(milli(600), BigInteger.ONE)).contains(1_000_000L);
  }

  private List<String> kinds(Alerts.Seen seen) {
    return alerts.of(seen).stream().map(alert -> alert.kind().wireName()).toList();
  }

  private static Alerts.Seen seen(
      Optional<ChainView.Snapshot> chain,
      long lagSeconds,
      long roundMinutes,
      long gasPrice,
      long runwayHours) {
    return new Alerts.Seen(
        chain,
        Optional.of(Duration.ofSeconds(lagSeconds)),
        Optional.of(Duration.ofMinutes(roundMinutes)),
        Optional.of(BigInteger.valueOf(gasPrice)),
        Optional.of(runwayHours),
        Optional.empty(),
        Optional.empty());
  }

  /** Deposit and reserve in thousandths of ether. */
  private static Optional<ChainView.Snapshot> chain(
      long deposit, long reserve, long withdrawRound) {
    return Optional.of(
        new ChainView.Snapshot(
            Instant.EPOCH,
            BigInteger.ONE,
            milli(deposit),
            BigInteger.valueOf(withdrawRound),
            milli(reserve),
            4_100,
            ByteString.EMPTY));
  }

  private static BigInteger milli(long ether) {
    return MILLI.multiply(BigInteger.valueOf(ether));
  }
}
