package io.naap.metering.webhook;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** How webhooks are delivered. */
@ConfigMapping(prefix = "naap.metering.webhook")
public interface WebhookConfig {
  /** 32 random bytes in base 64; the secrets of webhooks are encrypted with it. */
  Secret keyEncryptionSecret();

  /**
   * Lets webhooks go to loopback and private addresses, and to plain HTTP: for tests and trials on
   * one machine only.
   */
  @WithDefault("false")
  boolean allowPrivateTargets();

  /** From one attempt to the next; given up after the last. */
  @WithDefault("PT5S,PT5M,PT30M,PT2H,PT5H,PT10H,PT14H,PT20H,PT24H")
  List<Duration> retries();

  /** What waits longer than this, because its webhook is off, is given up. */
  @WithDefault("P7D")
  Duration longest();

  /** Most deliveries that one replica sends at once. */
  @WithDefault("500")
  int atOnce();

  /** Most of them for one tenant. */
  @WithDefault("4")
  int atOncePerTenant();

  /** Most of them for one host and port. */
  @WithDefault("16")
  int atOncePerTarget();

  /** Most test messages of a tenant in a minute, and as many sent again. */
  @WithDefault("10")
  int testsPerMinute();

  /** The longest a receiver may take. */
  @WithDefault("PT15S")
  Duration timeout();

  /** Most webhooks a tenant may have. */
  @WithDefault("20")
  int mostPerTenant();
}
