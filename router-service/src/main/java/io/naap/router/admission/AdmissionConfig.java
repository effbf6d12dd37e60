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
  /** Set aside for a tenant at a time, in dollars; also the most that waits unused per tenant. */
  @WithDefault("1.00")
  String fundingStep();

  /** How long an answer "nothing left" of the ledger or of a limit is believed. */
  @WithDefault("200ms")
  Duration emptyFor();

  /** Concurrent requests, through one router, of a key that has no limit of its own. */
  @WithDefault("100")
  long defaultConcurrentRequests();

  /** A router that was silent for so long is dead; what it had kept of its shares is free again. */
  @WithDefault("30s")
  Duration lease();

  /** How long an emptied store grants nothing, so that every router can say what it has running. */
  @WithDefault("2s")
  Duration rebuild();

  /**
   * After so long a dead router does not come back: what it may have used is taken as unused. A
   * router that is alone for so long stops.
   */
  @WithDefault("1h")
  Duration givenUpAfter();

  /** The most a job waits for an answer of the store. */
  @WithDefault("3s")
  Duration patience();

  /**
   * Policies that are counted and do not refuse, by name, such as {@code key-rpm}; {@code
   * router_shadow_refusals_total} says what they would have refused.
   */
  Optional<Set<String>> shadow();

  /**
   * What a job may come to above its hold, in percent of the hold: what was delivered up to there
   * is debited, what lies above is not billed and counted in {@code router_unbilled_units_total}.
   * From 0 to 10,000.
   */
  @WithDefault("100")
  long settleAbovePercent();

  /** A file of overrides, watched by content; see {@code Overrides}. */
  Optional<Path> overrides();

  /** How often the file of overrides is looked at. */
  @WithDefault("1s")
  Duration overridesEvery();

  /**
   * How long warm keys and plans serve beyond their time while the service that gives them is away.
   * What was pushed as changed or revoked is not served, nor anything that is not known yet.
   */
  @WithDefault("10m")
  Duration staleFor();
}
