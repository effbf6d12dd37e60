package io.naap.keys.leak;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Who may report leaked keys. Without a key or a URL every report is refused. */
@ConfigMapping(prefix = "naap.leaks")
public interface LeakConfig {
  /** Public keys of GitHub's secret scanning by their identifier, in PEM. */
  Map<String, String> githubKeys();

  /**
   * Where GitHub publishes them: {@code https://api.github.com/meta/public_keys/secret_scanning}.
   */
  Optional<URI> githubKeysUrl();

  /** An unknown identifier makes us ask again, at most this often. */
  @WithDefault("60s")
  Duration askAtMostEvery();

  /** The most findings in one report. */
  @WithDefault("1000")
  int findingsMax();
}
