package io.naap.keys.verification;

import io.naap.contracts.keys.KeyProfile;

/**
 * A stored secret with the profile of its key.
 *
 * @param hash made with the pepper of {@code pepperVersion}
 * @param isSecretGood false when a rotation or deletion has ended this secret
 * @param isKeyGood false when the key was disabled or deleted or has expired
 */
public record StoredSecret(
    String publicId,
    String hash,
    int pepperVersion,
    String mode,
    boolean isSecretGood,
    boolean isKeyGood,
    KeyProfile profile) {
  @Override
  public String toString() {
    return "StoredSecret[" + publicId + "]";
  }
}
