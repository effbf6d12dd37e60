package io.naap.clearinghouse.treasury;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/**
 * Ether below 0.1 is filled up to 0.3; at least 10 USDC and at most 2,000 a swap, 10,000 a day;
 * half a percent of slippage; gas at most 5 gwei. Ether at 2,500 dollars.
 */
class SwapPolicyTest {
  private static final BigInteger MILLI = BigInteger.TEN.pow(15);
  private static final BigInteger DOLLAR = BigInteger.TEN.pow(6);
  private final SwapPolicy policy =
      new SwapPolicy(new Marks(), BigInteger.valueOf(5_000_000_000L), 1_000_000);

  @Test
  void nothingIsDoneWhileThereIsEtherEnough() {
    assertThat(decide(100, 5_000, 5_000, 1, 0)).isEqualTo(new SwapPolicy.Decision.Nothing());
  }

  @Test
  void whatIsMissingToTheTargetIsBoughtAtThePriceAndNotForLessThanSlippageAllows() {
    // 0.25 ether at 2,500 dollars, and 0.5 % less at least.
    assertThat(decide(50, 5_000, 5_000, 1, 0))
        .isEqualTo(
            new SwapPolicy.Decision.Swap(
                BigInteger.valueOf(625_000_000),
                new BigInteger("250000000000000000"),
                new BigInteger("248750000000000000")));
  }

  @Test
  void theRouterIsAllowedAsMuchAsOneSwapFirst() {
    assertThat(decide(50, 5_000, 624, 1, 0))
        .isEqualTo(new SwapPolicy.Decision.Approve(BigInteger.valueOf(2_000_000_000)));
  }

  @Test
  void whatTheWalletHasAndWhatTheDayLeavesAreTheMost() {
    assertThat(decide(50, 300, 5_000, 1, 0))
        .isInstanceOfSatisfying(
            SwapPolicy.Decision.Swap.class,
            swap -> assertThat(swap.amount()).isEqualTo(dollars(300)));
    assertThat(decide(50, 5_000, 5_000, 1, 9_900))
        .isInstanceOfSatisfying(
            SwapPolicy.Decision.Swap.class,
            swap -> assertThat(swap.amount()).isEqualTo(dollars(100)));
  }

  @Test
  void dearGasAnEmptyWalletTheDaysLimitAndAnUnknownPriceHoldItUpAndSaySo() {
    assertThat(held(decide(50, 5_000, 5_000, 6, 0))).startsWith("gas costs");
    assertThat(held(decide(1, 5_000, 5_000, 1, 0))).contains("not enough for the gas");
    assertThat(held(decide(50, 9, 5_000, 1, 0))).contains("millionths of USDC to swap");
    assertThat(held(decide(50, 5_000, 5_000, 1, 9_991))).startsWith("the daily limit");
    assertThat(
            held(
                policy.decide(
                    new SwapPolicy.Seen(
                        MILLI,
                        dollars(5_000),
                        dollars(5_000),
                        Optional.empty(),
                        BigInteger.ONE,
                        BigInteger.ZERO))))
        .startsWith("the price of ether is unknown");
  }

  @Test
  void aQuoteBelowTheLeastIsRefusedBeforeAnythingIsSent() {
    SwapPolicy.Decision.Swap swap = (SwapPolicy.Decision.Swap) decide(50, 5_000, 5_000, 1, 0);

    assertThat(policy.quoted(swap, swap.least())).isEqualTo(swap);
    assertThat(held(policy.quoted(swap, swap.least().subtract(BigInteger.ONE))))
        .contains("less than " + swap.least());
  }

  @Property
  void whateverIsSeenNoSwapPassesItsBounds(
      @ForAll @LongRange(min = 0, max = 400) long ether,
      @ForAll @LongRange(min = 0, max = 20_000) long usdc,
      @ForAll @LongRange(min = 0, max = 12_000) long swapped) {
    if (decide(ether, usdc, 2_000, 1, swapped) instanceof SwapPolicy.Decision.Swap swap) {
      assertThat(swap.amount()).isBetween(dollars(10), dollars(2_000));
      assertThat(swap.amount()).isLessThanOrEqualTo(dollars(usdc));
      assertThat(swap.amount().add(dollars(swapped))).isLessThanOrEqualTo(dollars(10_000));
      // Never more ether than the target, and the least is half a percent below at most.
      assertThat(MILLI.multiply(BigInteger.valueOf(ether)).add(swap.expected()))
          .isLessThanOrEqualTo(MILLI.multiply(BigInteger.valueOf(300)).add(BigInteger.TEN.pow(9)));
      assertThat(swap.least().multiply(BigInteger.valueOf(1_000)))
          .isLessThanOrEqualTo(swap.expected().multiply(BigInteger.valueOf(995)))
          .isGreaterThan(swap.expected().multiply(BigInteger.valueOf(994)));
    }
  }

  /** By hand: deadline 1,700,000,000, 100 USDC, at least 5 wei. */
  @Test
  void refusesASlippageThatWouldTakeAnyPrice() {
    for (String slippage : new String[] {"1", "50", "-0.1"}) {
      Marks marks =
          new Marks() {
            @Override
            public BigDecimal slippage() {
              return new BigDecimal(slippage);
            }
          };
      assertThatThrownBy(() -> new SwapPolicy(marks, BigInteger.ONE, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("slippage must be");
    }
  }

  @Test
  void theCallIsTheRoutersMulticallOfABuyAndAnUnwrapping() {
    String call =
        HexFormat.of()
            .formatHex(
                SwapCalls.swap(
                        io.naap.clearinghouse.wallet.Address.parse("0x" + "11".repeat(20)),
                        io.naap.clearinghouse.wallet.Address.parse("0x" + "22".repeat(20)),
                        500,
                        io.naap.clearinghouse.wallet.Address.parse("0x" + "33".repeat(20)),
                        dollars(100),
                        BigInteger.valueOf(5),
                        java.time.Instant.ofEpochSecond(1_700_000_000))
                    .toByteArray());

    assertThat(call)
        .isEqualTo(
            "5ae401dc"
                + "%064x".formatted(1_700_000_000)
                + "%064x".formatted(0x40)
                + "%064x".formatted(2)
                + "%064x".formatted(0x40)
                + "%064x".formatted(0x40 + 32 + 256)
                + "%064x".formatted(228)
                + "04e45aaf"
                + "0".repeat(24)
                + "11".repeat(20)
                + "0".repeat(24)
                + "22".repeat(20)
                + "%064x".formatted(500)
                + "%064x".formatted(2)
                + "%064x".formatted(100_000_000)
                + "%064x".formatted(5)
                + "0".repeat(64)
                + "0".repeat(56)
                + "%064x".formatted(68)
                + "49404b7c"
                + "%064x".formatted(5)
                + "0".repeat(24)
                + "33".repeat(20)
                + "0".repeat(56));
  }

  private static String held(SwapPolicy.Decision decision) {
    return ((SwapPolicy.Decision.Held) decision).reason();
  }

  /** Ether in thousandths, USDC in dollars, gas in gwei. */
  private SwapPolicy.Decision decide(
      long ether, long usdc, long allowance, long gas, long swapped) {
    return policy.decide(
        new SwapPolicy.Seen(
            MILLI.multiply(BigInteger.valueOf(ether)),
            dollars(usdc),
            dollars(allowance),
            Optional.of(new BigDecimal("2500")),
            BigInteger.TEN.pow(9).multiply(BigInteger.valueOf(gas)),
            dollars(swapped)));
  }

  private static BigInteger dollars(long amount) {
    return DOLLAR.multiply(BigInteger.valueOf(amount));
  }

  private static class Marks implements SwapConfig {
    @Override
    public Optional<String> router() {
      return Optional.empty();
    }

    @Override
    public Optional<String> quoter() {
      return Optional.empty();
    }

    @Override
    public String weth() {
      return "";
    }

    @Override
    public int poolFee() {
      return 500;
    }

    @Override
    public BigInteger etherLow() {
      return MILLI.multiply(BigInteger.valueOf(100));
    }

    @Override
    public BigInteger etherTarget() {
      return MILLI.multiply(BigInteger.valueOf(300));
    }

    @Override
    public BigInteger least() {
      return dollars(10);
    }

    @Override
    public BigInteger most() {
      return dollars(2_000);
    }

    @Override
    public BigInteger dailyLimit() {
      return dollars(10_000);
    }

    @Override
    public BigDecimal slippage() {
      return new BigDecimal("0.005");
    }

    @Override
    public Duration validFor() {
      return Duration.ofMinutes(10);
    }
  }
}
