package io.naap.contracts.keys;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the router needs to know about a key. Valid for {@code ttlSeconds}, unless a {@link
 * io.naap.contracts.events.KeyChanged} arrives earlier. In JSON the fields of all parts form one
 * flat object.
 *
 * @param keyId {@code key_...}
 * @param tenantId {@code ten_...}
 * @param tags set by the tenant and copied into usage events
 */
public record KeyProfile(
    String keyId,
    String tenantId,
    String name,
    List<String> tags,
    @JsonUnwrapped Scope scope,
    @JsonUnwrapped Expiry expiry,
    @JsonUnwrapped Limits limiting,
    @JsonUnwrapped Freshness freshness) {
  public KeyProfile {
    tags = List.copyOf(tags);
  }

  /**
   * What the key may be used for, and from where. An empty list allows everything.
   *
   * @param tier the pool tier; absent for the default of the tenant's plan
   * @param allowedCidrs client addresses that may use the key
   * @param allowedOrigins what a browser's {@code Origin} must match, see {@link AllowedOrigin}
   */
  public record Scope(
      Optional<String> tier,
      List<String> capabilities,
      List<String> models,
      List<String> allowedCidrs,
      List<String> allowedOrigins) {
    public Scope {
      capabilities = List.copyOf(capabilities);
      models = List.copyOf(models);
      allowedCidrs = List.copyOf(allowedCidrs);
      allowedOrigins = List.copyOf(allowedOrigins);
    }
  }

  /**
   * When the key ends.
   *
   * @param expiresAt absent when the key never expires
   * @param secretExpiresAt when the presented secret ends because the key was rotated; absent when
   *     it lasts as long as the key
   */
  public record Expiry(Optional<Instant> expiresAt, Optional<Instant> secretExpiresAt) {}

  /**
   * What may be used.
   *
   * @param limits the limits of the key itself
   * @param tenantLimits limits over all keys of the tenant together
   */
  public record Limits(KeyLimits limits, KeyLimits tenantLimits) {}

  /**
   * How new the profile is.
   *
   * @param revision grows with every change of the key
   */
  public record Freshness(long revision, int ttlSeconds) {}

  public Optional<String> tier() {
    return scope.tier;
  }

  public List<String> capabilities() {
    return scope.capabilities;
  }

  public List<String> models() {
    return scope.models;
  }

  public List<String> allowedCidrs() {
    return scope.allowedCidrs;
  }

  public List<String> allowedOrigins() {
    return scope.allowedOrigins;
  }

  public Optional<Instant> expiresAt() {
    return expiry.expiresAt;
  }

  public Optional<Instant> secretExpiresAt() {
    return expiry.secretExpiresAt;
  }

  public KeyLimits limits() {
    return limiting.limits;
  }

  public KeyLimits tenantLimits() {
    return limiting.tenantLimits;
  }

  public int ttlSeconds() {
    return freshness.ttlSeconds;
  }

  /** True while neither the key nor the presented secret has expired. */
  public boolean isGoodAt(Instant now) {
    return expiresAt().map(now::isBefore).orElse(true)
        && secretExpiresAt().map(now::isBefore).orElse(true);
  }
}
