package io.naap.clearinghouse.price;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/** The price of ether. */
@ConfigMapping(prefix = "naap.clearinghouse.price")
public interface PriceConfig {
  /** Dollars per ether, fixed; this, or a feed, or tenants are not signed for. */
  Optional<BigDecimal> ethUsd();

  /** Address of a Chainlink aggregator with eight decimals; goes before the fixed price. */
  Optional<String> feed();

  /** A feed's answer older than this is none. */
  @WithDefault("2h")
  Duration feedStaleAfter();
}
