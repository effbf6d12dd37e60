package io.naap.auth.limit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** Limits on endpoints that need no sign-in. */
@ConfigMapping(prefix = "naap.auth.limits")
public interface LimitConfig {
  /** Requests per minute from one client address at one endpoint. */
  @WithName("per-address")
  @WithDefault("300")
  long perAddress();

  /** Failures per minute of one client (a wallet, a client id or a person) at one endpoint. */
  @WithName("failures-per-client")
  @WithDefault("20")
  long failuresPerClient();
}
