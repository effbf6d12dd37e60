package io.naap.clearinghouse.chain;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** The RPC node, and how often it is read. */
@ConfigMapping(prefix = "naap.clearinghouse.chain")
public interface ChainConfig {
  /** JSON-RPC endpoint; needed when there is a wallet. */
  Optional<URI> url();

  /** Address of Livepeer's Controller, which knows the other contracts. */
  @WithDefault("0xD8E8328501E9645d16Cf49539efC04f734606ee4")
  String controller();

  /** How often the chain is read. */
  @WithDefault("5s")
  Duration interval();

  /** The timeout of one call to the node. */
  @WithDefault("5s")
  Duration timeout();

  /** Nothing is signed when the chain was last read longer ago than this. */
  @WithDefault("60s")
  Duration staleAfter();

  /** How long a registered orchestrator is remembered as registered. */
  @WithDefault("10m")
  Duration registeredFor();

  /** How long an unregistered orchestrator is remembered as unregistered. */
  @WithDefault("30s")
  Duration unregisteredFor();
}
