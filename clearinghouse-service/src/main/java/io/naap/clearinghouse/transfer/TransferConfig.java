package io.naap.clearinghouse.transfer;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;

/** Transfers of credit between tenants. */
@ConfigMapping(prefix = "naap.clearinghouse.transfer")
public interface TransferConfig {
  /** auth-service's endpoint for a caller's tenants. */
  @WithDefault("${naap.auth-url}/v1/tenants/")
  URI tenantsUrl();

  /** The timeout of one call. */
  @WithDefault("2s")
  Duration timeout();

  /** The most dollars that members may move out of one tenant in 24 hours. */
  @WithDefault("10000")
  BigDecimal dailyLimitUsd();
}
