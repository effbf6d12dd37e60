package io.naap.router.admission;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** How jobs are admitted. */
@ConfigMapping(prefix = "naap.admission")
public interface AdmissionConfig {
  /**
   * Dollars that the ledger sets aside for a tenant at a time; also the most that stays unused in a
   * tenant's pool.
   */
  @WithDefault("1.00")
  String fundingStep();

  /** How long an answer "nothing left" of the ledger or of a limit is believed. */
  @WithDefault("200ms")
  Duration emptyFor();

  /** Concurrent requests, through one router, of a key that has no limit of its own. */
  @WithDefault("100")
  long defaultConcurrentRequests();

  /**
   * A router that was silent for so long counts as dead; what it had promised not to touch of its
   * leases is free again.
   */
  @WithDefault("30s")
  Duration lease();

  /**
   * How long Redis grants nothing after a new epoch began, so that every router can say first what
   * it has running.
   */
  @WithDefault("2s")
  Duration rebuild();

  /**
   * A dead router that was silent for so long does not come back: what it may have used counts as
   * unused. A router that has not reached Redis for so long admits nothing.
   */
  @WithDefault("1h")
  Duration givenUpAfter();

  /** The most that a job waits for an answer of Redis, metering or the ledger. */
  @WithDefault("3s")
  Duration patience();

  /**
   * Policies that are counted and do not refuse, by name, such as {@code key-rpm}; {@code
   * router_shadow_refusals_total} says what they would have refused.
   */
  Optional<Set<String>> shadow();

  /**
   * What a job may come to above its hold, in percent of the hold, from 0 to 10,000. What was
   * delivered up to there is billed; what lies above is not, and is counted in {@code
   * router_unbilled_units_total}.
   */
  @WithDefault("100")
  long settleAbovePercent();

  /**
   * A file of limit overrides, watched by content; see {@link io.naap.router.limit.LimitOverrides}.
   */
  Optional<Path> overrides();

  /** How often the file of overrides is looked at. */
  @WithDefault("1s")
  Duration overridesEvery();
}
