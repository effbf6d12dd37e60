package io.naap.clearinghouse.price;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** The price of ether in dollars, fixed or from a feed. */
@ApplicationScoped
public class EtherPrice {
  private static final int WEI_DECIMALS = 18;
  private static final int NANO_DECIMALS = 9;

  private final PriceConfig config;
  private final Clock clock;
  private volatile Seen seen;

  EtherPrice(PriceConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  private record Seen(BigDecimal dollars, Instant at) {}

  /**
   * Sets the price that the feed answered.
   *
   * @param at when the feed made the answer
   */
  public void saw(BigDecimal dollars, Instant at) {
    seen = new Seen(dollars, at);
  }

  /** Absent when no price is configured, or the feed's last answer is too old. */
  public Optional<BigDecimal> dollarsPerEther() {
    if (config.feed().isPresent()) {
      return Optional.ofNullable(seen)
          .filter(price -> price.at().plus(config.feedStaleAfter()).isAfter(clock.instant()))
          .map(Seen::dollars);
    }
    return config.ethUsd();
  }

  /** The value of an amount, rounded half-even to the nano-dollar; for reports. */
  public Optional<NanoUsd> dollars(Wei wei) {
    return dollarsPerEther()
        .map(price -> NanoUsd.rounded(new BigDecimal(wei.value(), WEI_DECIMALS).multiply(price)));
  }

  /** What a tenant pays for an amount: with the markup, rounded up to the nano-dollar. */
  public Optional<NanoUsd> charged(BigDecimal wei, BigDecimal markup) {
    return dollarsPerEther()
        .map(
            price ->
                NanoUsd.ofNanos(
                    wei.movePointLeft(WEI_DECIMALS)
                        .multiply(price)
                        .multiply(BigDecimal.ONE.add(markup))
                        .setScale(NANO_DECIMALS, RoundingMode.CEILING)
                        .movePointRight(NANO_DECIMALS)
                        .longValueExact()));
  }
}
