package io.naap.clearinghouse.treasury;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Optional;

/**
 * Decides whether USDC is swapped for ether, and the least that the swap must return; does nothing
 * itself. The price is the operator's or a feed's, never the router's own: a swap in a pool that
 * somebody has moved returns less than the least, and does nothing.
 */
final class SwapPolicy {
  /** Wei in an ether, divided by millionths in a dollar: 10^18 / 10^6. */
  private static final BigDecimal WEI_A_UNIT = BigDecimal.TEN.pow(12);

  private final SwapConfig config;
  private final BigInteger maxGasPrice;
  private final long gasLimit;

  SwapPolicy(SwapConfig config, BigInteger maxGasPrice, long gasLimit) {
    if (config.slippage().signum() < 0 || config.slippage().compareTo(BigDecimal.ONE) >= 0) {
      throw new IllegalArgumentException(
          "naap.clearinghouse.swap.slippage must be from 0 to below 1, as 0.005 for half a percent");
    }
    this.config = config;
    this.maxGasPrice = maxGasPrice;
    this.gasLimit = gasLimit;
  }

  /**
   * What was observed.
   *
   * @param ether of the funding wallet
   * @param usdc of the funding wallet, in millionths
   * @param allowance of USDC that the router may take
   * @param dollarsPerEther by the configured source; absent when it has no price
   * @param swapped USDC in the last 24 hours
   */
  record Seen(
      BigInteger ether,
      BigInteger usdc,
      BigInteger allowance,
      Optional<BigDecimal> dollarsPerEther,
      BigInteger gasPrice,
      BigInteger swapped) {}

  /** The decision. */
  sealed interface Decision {
    /** For a person; empty when nothing is to be done. */
    default String reason() {
      return switch (this) {
        case Nothing nothing -> "";
        case Held held -> held.reason();
        case Approve approve -> "the router may take " + approve.amount() + " millionths of USDC";
        case Swap swap ->
            "%s millionths of USDC for about %s wei, at least %s"
                .formatted(swap.amount(), swap.expected(), swap.least());
      };
    }

    /** The wallet has enough ether. */
    record Nothing() implements Decision {}

    /** Ether is needed, and a reason forbids a swap. */
    record Held(String reason) implements Decision {}

    /** The router must first be allowed to take the amount. */
    record Approve(BigInteger amount) implements Decision {}

    /**
     * A swap.
     *
     * @param amount of USDC
     * @param expected wei at the observed price
     * @param least wei that it must return; else it does nothing
     */
    record Swap(BigInteger amount, BigInteger expected, BigInteger least) implements Decision {}
  }

  Decision decide(Seen seen) {
    if (seen.ether().compareTo(config.etherLow()) >= 0) {
      return new Decision.Nothing();
    }
    if (seen.dollarsPerEther().isEmpty()) {
      return new Decision.Held("the price of ether is unknown, so nothing is swapped");
    }
    if (seen.gasPrice().compareTo(maxGasPrice) > 0) {
      return new Decision.Held(
          "gas costs " + seen.gasPrice() + " wei, more than " + maxGasPrice + ", for a swap");
    }
    BigInteger gas = seen.gasPrice().multiply(BigInteger.valueOf(2 * gasLimit));
    if (seen.ether().compareTo(gas) < 0) {
      return new Decision.Held(
          "the funding wallet has " + seen.ether() + " wei, not enough for the gas of a swap");
    }
    BigDecimal price = seen.dollarsPerEther().get();
    BigInteger left = config.dailyLimit().subtract(seen.swapped());
    BigInteger amount =
        cost(config.etherTarget().subtract(seen.ether()), price)
            .min(config.most())
            .min(seen.usdc());
    if (amount.compareTo(config.least()) < 0) {
      return new Decision.Held(
          "the funding wallet has " + seen.usdc() + " millionths of USDC to swap for ether");
    }
    if (left.compareTo(config.least()) < 0) {
      return new Decision.Held("the daily limit of swaps leaves " + left + " millionths of USDC");
    }
    BigInteger within = amount.min(left);
    if (seen.allowance().compareTo(within) < 0) {
      return new Decision.Approve(config.most());
    }
    BigInteger expected = worth(within, price, BigDecimal.ONE);
    return new Decision.Swap(
        within, expected, worth(within, price, BigDecimal.ONE.subtract(config.slippage())));
  }

  /** Judges a quote of the router: a swap that would return too little is not made. */
  Decision quoted(Decision.Swap swap, BigInteger quote) {
    return quote.compareTo(swap.least()) < 0
        ? new Decision.Held(
            "the router gives " + quote + " wei, less than " + swap.least() + " within slippage")
        : swap;
  }

  /** The price of ether in USDC, rounded up to a millionth. */
  private static BigInteger cost(BigInteger wei, BigDecimal price) {
    return new BigDecimal(wei)
        .multiply(price)
        .divide(WEI_A_UNIT, 0, RoundingMode.CEILING)
        .toBigIntegerExact()
        .max(BigInteger.ZERO);
  }

  /** The ether for a share of an amount of USDC, rounded down to a wei. */
  private static BigInteger worth(BigInteger usdc, BigDecimal price, BigDecimal share) {
    return new BigDecimal(usdc)
        .multiply(share)
        .multiply(WEI_A_UNIT)
        .divide(price, 0, RoundingMode.FLOOR)
        .toBigIntegerExact();
  }
}
