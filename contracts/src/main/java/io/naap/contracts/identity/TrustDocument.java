package io.naap.contracts.identity;

import java.util.List;
import java.util.Map;

/**
 * The response of auth-service's {@code GET /internal/trust}: which tokens every service accepts.
 *
 * @param version changes whenever the keys or refusals change
 * @param keys the keys that verify tokens
 * @param refused by {@link Subject}: tokens issued before this second (Unix time) are refused
 */
public record TrustDocument(String version, List<Key> keys, Map<String, Long> refused) {
  /** Refuses tokens of any age, for a revoked session or a suspended tenant. */
  public static final long FOR_EVER = Long.MAX_VALUE;

  public TrustDocument {
    keys = List.copyOf(keys);
    refused = Map.copyOf(refused);
  }

  /**
   * A P-256 public key.
   *
   * @param x coordinate, 32 bytes in base64url
   * @param y coordinate, 32 bytes in base64url
   */
  public record Key(String kid, String x, String y) {}
}
