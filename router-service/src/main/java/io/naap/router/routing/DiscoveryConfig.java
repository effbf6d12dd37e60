package io.naap.router.routing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Asking gateways what their orchestrators can do. */
@ConfigMapping(prefix = "naap.discovery")
public interface DiscoveryConfig {
  /** How often each gateway with a {@code cli_url} is asked. */
  @WithDefault("60s")
  Duration every();

  /** The most it may take to answer. */
  @WithDefault("5s")
  Duration timeout();

  /** How long a gateway's last answer counts when it stops answering. */
  @WithDefault("10m")
  Duration forgottenAfter();

  /** The most bytes of an answer. */
  @WithDefault("8388608")
  int answerMaxBytes();
}
