package io.naap.contracts.keys;

import io.naap.contracts.secret.Secret;

/**
 * Asks {@code POST /internal/keys/resolve} whose key this is: 200 with a {@link KeyProfile}, or 404
 * when the key is unknown, disabled, expired or deleted, which are not told apart.
 *
 * @param key the whole key as presented
 */
public record ResolveKey(String key) {
  @Override
  public String toString() {
    return "ResolveKey[" + Secret.of("") + "]";
  }
}
