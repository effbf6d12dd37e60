package io.naap.metering.webhook;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** Settings for the delivery of webhooks. */
@ConfigMapping(prefix = "naap.metering.webhook")
public interface WebhookConfig {
  /** The key that encrypts the webhooks' secrets: 32 random bytes in base64. */
  Secret keyEncryptionSecret();

  /**
   * Allows webhooks to loopback and private addresses and over plain HTTP: only for tests and
   * trials on one machine.
   */
  @WithDefault("false")
  boolean allowPrivateTargets();

  /** The times from each attempt to the next; a message is given up after the last. */
  @WithDefault("PT5S,PT5M,PT30M,PT2H,PT5H,PT10H,PT14H,PT20H,PT24H")
  List<Duration> retries();

  /** A message that is due for longer than this, because its webhook is disabled, is given up. */
  @WithDefault("P7D")
  Duration longest();

  /** The most deliveries that one replica sends at once. */
  @WithDefault("500")
  int atOnce();

  /** The most deliveries that one replica sends at once for one tenant. */
  @WithDefault("4")
  int atOncePerTenant();

  /** The most deliveries that one replica sends at once to one host and port. */
  @WithDefault("16")
  int atOncePerTarget();

  /** The most test messages of a tenant in a minute. */
  @WithDefault("10")
  int testsPerMinute();

  /** The most time that a receiver may take to answer. */
  @WithDefault("PT15S")
  Duration timeout();

  /** The most webhooks that a tenant may have. */
  @WithDefault("20")
  int mostPerTenant();
}
