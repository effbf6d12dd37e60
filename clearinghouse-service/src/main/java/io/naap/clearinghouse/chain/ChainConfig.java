package io.naap.clearinghouse.chain;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** How the chain is watched. */
@ConfigMapping(prefix = "naap.clearinghouse.chain")
public interface ChainConfig {
  /** JSON-RPC endpoint; needed when there is a wallet. */
  Optional<URI> url();

  /** Address of Livepeer's Controller, which knows the other contracts. */
  @WithDefault("0xD8E8328501E9645d16Cf49539efC04f734606ee4")
  String controller();

  /** How often the chain is asked. */
  @WithDefault("5s")
  Duration interval();

  /** How long one answer may take. */
  @WithDefault("5s")
  Duration timeout();

  /** A view older than this is not signed upon. */
  @WithDefault("60s")
  Duration staleAfter();

  /** How long an orchestrator that is registered is taken to stay so. */
  @WithDefault("10m")
  Duration registeredFor();

  /** How long one that is not is taken to stay so. */
  @WithDefault("30s")
  Duration unregisteredFor();
}
