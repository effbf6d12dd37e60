package io.naap.contracts.keys;

import io.naap.contracts.secret.Secret;

/**
 * Body of {@code POST /internal/keys/resolve}, which looks a presented key up. The response is 200
 * with a {@link KeyProfile}, or 404 when the key is unknown, disabled, expired or deleted; the
 * response does not tell which.
 *
 * @param key the whole key as presented
 */
public record ResolveKey(String key) {
  @Override
  public String toString() {
    return "ResolveKey[" + Secret.of("") + "]";
  }
}
