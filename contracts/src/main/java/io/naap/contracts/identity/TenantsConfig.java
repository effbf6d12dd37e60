package io.naap.contracts.identity;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;

/** Where auth-service says whether a tenant exists. */
@ConfigMapping(prefix = "naap.tenants")
public interface TenantsConfig {
  /** A tenant's id is put after it. */
  @WithDefault("${naap.auth-url:http://localhost:8081}/v1/tenants/")
  URI url();

  /** How long an answer may take. */
  @WithDefault("2S")
  Duration timeout();
}
