package io.naap.clearinghouse.stripe;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Stripe; without an API key there are no card payments. */
@ConfigMapping(prefix = "naap.clearinghouse.stripe")
public interface StripeConfig {
  /** Secret or restricted key, {@code sk_...} or {@code rk_...}. */
  Optional<Secret> apiKey();

  /** Signing secret of the webhook endpoint, {@code whsec_...}; needed with a key. */
  Optional<Secret> webhookSecret();

  /** Another place than Stripe's own, for tests. */
  Optional<URI> apiUrl();

  /** A webhook signed longer ago is refused. */
  @WithDefault("300s")
  Duration tolerance();

  /** How long Stripe may take. */
  @WithDefault("20s")
  Duration timeout();
}
