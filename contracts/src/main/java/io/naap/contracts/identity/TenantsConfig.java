package io.naap.contracts.identity;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;

/** Configures how auth-service is asked whether a tenant exists. */
@ConfigMapping(prefix = "naap.tenants")
public interface TenantsConfig {
  /** The URL, to which the tenant's id is appended. */
  @WithDefault("${naap.auth-url:http://localhost:8081}/v1/tenants/")
  URI url();

  /** How long auth-service may take to answer. */
  @WithDefault("2S")
  Duration timeout();
}
