package io.naap.contracts.keys;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the router needs to know of a key, valid for {@code ttlSeconds} unless a {@link
 * io.naap.contracts.events.KeyChanged} comes first.
 *
 * @param keyId {@code key_...}
 * @param tenantId {@code ten_...}
 * @param tags given by the tenant, carried into usage
 * @param tier the pool tier, absent for the tenant's default
 * @param capabilities empty for all
 * @param models empty for all
 * @param allowedCidrs client addresses, empty for all
 * @param allowedOrigins what a browser's {@code Origin} must match, see {@link AllowedOrigin};
 *     empty for all
 * @param expiresAt absent for never
 * @param secretExpiresAt when the secret that was presented stops being good although the key goes
 *     on: it was rotated. Absent for as long as the key
 * @param limits the key's own
 * @param tenantLimits over all keys of the tenant together
 * @param revision grows with every change of the key
 */
public record KeyProfile(
    String keyId,
    String tenantId,
    String name,
    List<String> tags,
    Optional<String> tier,
    List<String> capabilities,
    List<String> models,
    List<String> allowedCidrs,
    List<String> allowedOrigins,
    Optional<Instant> expiresAt,
    Optional<Instant> secretExpiresAt,
    KeyLimits limits,
    KeyLimits tenantLimits,
    long revision,
    int ttlSeconds) {
  public KeyProfile {
    tags = List.copyOf(tags);
    capabilities = List.copyOf(capabilities);
    models = List.copyOf(models);
    allowedCidrs = List.copyOf(allowedCidrs);
    allowedOrigins = List.copyOf(allowedOrigins);
  }

  /** True while neither the key nor the presented secret has expired. */
  public boolean isGoodAt(Instant now) {
    return expiresAt.map(now::isBefore).orElse(true)
        && secretExpiresAt.map(now::isBefore).orElse(true);
  }
}
