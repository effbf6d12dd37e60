package io.naap.keys.authz;

import io.naap.contracts.keys.ApiKey;
import io.naap.keys.change.Changes;
import io.naap.keys.presented.Checked;
import io.naap.keys.presented.KeyCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Answers about keys, kept for a moment by the key's SHA-256 and never in the clear. */
@ApplicationScoped
class KeptKeys {
  private final KeyCheck keys;
  private final Changes changes;
  private final AuthzConfig config;
  private final Clock clock;
  private final Map<String, Kept> kept = new ConcurrentHashMap<>();

  KeptKeys(KeyCheck keys, Changes changes, AuthzConfig config, Clock clock) {
    this.keys = keys;
    this.changes = changes;
    this.config = config;
    this.clock = clock;
  }

  /**
   * An answer.
   *
   * @param changes what this instance had committed before it asked
   */
  private record Kept(Checked checked, Instant until, long changes) {}

  Uni<Checked> use(String presented) {
    if (ApiKey.parse(presented).isEmpty()) {
      return keys.use(presented);
    }
    String name = sha256(presented);
    Kept known = kept.get(name);
    long changes = this.changes.count();
    if (known != null && known.changes == changes && known.until.isAfter(clock.instant())) {
      return Uni.createFrom().item(stillGood(known.checked));
    }
    return keys.use(presented)
        .invoke(
            checked ->
                keep(name, new Kept(checked, clock.instant().plus(config.keptFor()), changes)));
  }

  /** A key can expire while its answer is kept. */
  private Checked stillGood(Checked checked) {
    return checked instanceof Checked.Good good && !good.profile().isGoodAt(clock.instant())
        ? new Checked.Ended(good.profile().keyId(), false)
        : checked;
  }

  private void keep(String name, Kept answer) {
    if (kept.size() >= config.most()) {
      Instant now = clock.instant();
      kept.values().removeIf(old -> !old.until.isAfter(now));
      if (kept.size() >= config.most()) {
        kept.clear();
      }
    }
    kept.put(name, answer);
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
