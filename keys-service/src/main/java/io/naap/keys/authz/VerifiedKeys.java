package io.naap.keys.authz;

import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.UnknownKeyLimit;
import io.naap.keys.metrics.KeysMetrics;
import io.naap.keys.outbox.Changes;
import io.naap.keys.verification.Checked;
import io.naap.keys.verification.KeyCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Caches the results of key checks for a short time. Entries are found by the key's SHA-256; the
 * key itself is not kept.
 */
@ApplicationScoped
class VerifiedKeys {
  private final KeyCheck keys;
  private final Changes changes;
  private final AuthzConfig config;
  private final Clock clock;
  private final KeysMetrics metrics;
  private final UnknownKeyLimit unknown;
  private final Map<String, Kept> kept = new ConcurrentHashMap<>();

  VerifiedKeys(
      KeyCheck keys, Changes changes, AuthzConfig config, KeysMetrics metrics, Clock clock) {
    this.keys = keys;
    this.changes = changes;
    this.config = config;
    this.clock = clock;
    this.metrics = metrics;
    this.unknown = new UnknownKeyLimit(config.unknownPerMinute(), clock);
  }

  /**
   * A cached result.
   *
   * @param changes the value of {@link Changes#count} before the check
   */
  private record Kept(Checked checked, Instant until, long changes) {}

  /** The result of a check. */
  sealed interface Verified {
    record Looked(Checked checked) implements Verified {}

    /** The key was not looked up, because its client address has sent too many unknown keys. */
    record TooManyUnknown(long secondsLeft) implements Verified {}
  }

  /**
   * Checks a key, from the cache if possible.
   *
   * @param address the group of the client's address, see {@link
   *     io.naap.contracts.edge.AddressGroup}
   */
  Uni<Verified> use(String presented, String address) {
    if (ApiKey.parse(presented).isEmpty()) {
      return keys.use(presented).map(Verified.Looked::new);
    }
    String name = sha256(presented);
    Kept known = kept.get(name);
    long changes = this.changes.count();
    if (known != null && known.changes == changes && known.until.isAfter(clock.instant())) {
      return Uni.createFrom().item(new Verified.Looked(stillGood(known.checked)));
    }
    if (!unknown.mayAsk(address)) {
      metrics.refused("unknown_keys");
      return Uni.createFrom().item(new Verified.TooManyUnknown(unknown.secondsLeft()));
    }
    return keys.use(presented)
        .onFailure()
        .invoke(away -> unknown.forget(address))
        .invoke(
            checked -> {
              if (!(checked instanceof Checked.Bad)) {
                unknown.forget(address);
              }
            })
        .invoke(
            checked ->
                keep(name, new Kept(checked, clock.instant().plus(keptFor(checked)), changes)))
        .map(Verified.Looked::new);
  }

  /** Unknown keys are cached longer; every change of a key on this instance invalidates them. */
  private Duration keptFor(Checked checked) {
    return checked instanceof Checked.Bad ? config.refusedFor() : config.keptFor();
  }

  /** Checks the expiry again, because a key can expire while its result is cached. */
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
