package io.naap.clearinghouse.transfer;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;

/** Transfers that customers make themselves. */
@ConfigMapping(prefix = "naap.clearinghouse.transfer")
public interface TransferConfig {
  /** Where auth-service tells a caller's tenants. */
  @WithDefault("${naap.auth-url}/v1/tenants/")
  URI tenantsUrl();

  /** How long it may take. */
  @WithDefault("2s")
  Duration timeout();

  /** The most dollars that members may move out of one tenant in 24 hours. */
  @WithDefault("10000")
  BigDecimal dailyLimitUsd();
}
