package io.naap.clearinghouse.price;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/** The price of ether. */
@ConfigMapping(prefix = "naap.clearinghouse.price")
public interface PriceConfig {
  /** A fixed price of ether in dollars. Without this and a feed, nothing is signed for tenants. */
  Optional<BigDecimal> ethUsd();

  /** The address of a Chainlink aggregator with eight decimals; it replaces the fixed price. */
  Optional<String> feed();

  /** An answer of the feed older than this is not used. */
  @WithDefault("2h")
  Duration feedStaleAfter();
}
