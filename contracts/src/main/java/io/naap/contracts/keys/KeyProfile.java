package io.naap.contracts.keys;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the router needs to know about a key. Valid for {@code ttlSeconds}, unless a {@link
 * io.naap.contracts.events.KeyChanged} arrives earlier.
 *
 * @param keyId {@code key_...}
 * @param tenantId {@code ten_...}
 * @param tags set by the tenant and copied into usage events
 * @param tier the pool tier; absent for the default of the tenant's plan
 * @param capabilities that the key may use; empty for all
 * @param models that the key may use; empty for all
 * @param allowedCidrs client addresses that may use the key; empty for all
 * @param allowedOrigins what a browser's {@code Origin} must match, see {@link AllowedOrigin};
 *     empty for all
 * @param expiresAt absent when the key never expires
 * @param secretExpiresAt when the presented secret ends because the key was rotated; absent when it
 *     lasts as long as the key
 * @param limits the limits of the key itself
 * @param tenantLimits limits over all keys of the tenant together
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
