package io.naap.keys.leak;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Settings for reports of leaked keys. Without a key and a URL every report is refused. */
@ConfigMapping(prefix = "naap.leaks")
public interface LeakConfig {
  /** Public keys of GitHub's secret scanning in PEM, by key id. */
  Map<String, String> githubKeys();

  /**
   * Where GitHub publishes its keys: {@code
   * https://api.github.com/meta/public_keys/secret_scanning}.
   */
  Optional<URI> githubKeysUrl();

  /** The shortest time between two fetches of GitHub's keys. */
  @WithDefault("60s")
  Duration askAtMostEvery();

  /** The most findings in a report. */
  @WithDefault("1000")
  int findingsMax();
}
