package io.naap.auth.limit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** How often strangers may try. */
@ConfigMapping(prefix = "naap.auth.limits")
public interface LimitConfig {
  /** Requests a minute from one address at one endpoint. */
  @WithName("per-address")
  @WithDefault("300")
  long perAddress();

  /** Failures a minute of one client (a wallet, a client id, a person) at one endpoint. */
  @WithName("failures-per-client")
  @WithDefault("20")
  long failuresPerClient();
}
