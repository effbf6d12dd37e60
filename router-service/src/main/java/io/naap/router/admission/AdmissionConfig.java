package io.naap.router.admission;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How jobs are admitted. */
@ConfigMapping(prefix = "naap.admission")
public interface AdmissionConfig {
  /** Set aside for a tenant at a time, in dollars; also the most that waits unused per tenant. */
  @WithDefault("1.00")
  String fundingStep();

  /** How long an answer "nothing left" of the ledger is believed. */
  @WithDefault("200ms")
  Duration emptyFor();

  /** Concurrent requests of a key that has no limit of its own. */
  @WithDefault("100")
  long defaultConcurrentRequests();

  /** How often expired holds are given back. */
  @WithDefault("5s")
  Duration sweepEvery();
}
