package io.naap.keys.presented;

import io.naap.contracts.keys.KeyProfile;

/**
 * A stored secret with the key it belongs to.
 *
 * @param hash under the pepper of that version
 * @param isUsable false when the key or the secret was disabled, expired, rotated or deleted
 */
record StoredSecret(
    String publicId,
    String hash,
    int pepperVersion,
    String mode,
    boolean isUsable,
    KeyProfile profile) {
  @Override
  public String toString() {
    return "StoredSecret[" + publicId + "]";
  }
}
