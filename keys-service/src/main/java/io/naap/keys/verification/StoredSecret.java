package io.naap.keys.verification;

import io.naap.contracts.keys.KeyProfile;

/**
 * A stored secret with the key it belongs to.
 *
 * @param hash under the pepper of that version
 * @param isSecretGood false when a rotation or a deletion has ended this secret
 * @param isKeyGood false when the key was disabled, expired or deleted
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
