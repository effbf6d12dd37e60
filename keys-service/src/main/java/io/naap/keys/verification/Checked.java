package io.naap.keys.verification;

import io.naap.contracts.keys.KeyProfile;

/** The result of checking a presented key. */
public sealed interface Checked {
  /** The key may be used now. */
  record Good(KeyProfile profile) implements Checked {}

  /**
   * The key is real but may not be used any more. A caller who presents it gets the same response
   * as for an unknown key.
   *
   * @param isSecretGood true when the secret itself is still valid, because the key was only
   *     disabled or has expired and could be enabled again
   */
  record Ended(String keyId, boolean isSecretGood) implements Checked {}

  /**
   * The text is not a key of ours.
   *
   * @param reason for metrics
   */
  record Bad(String reason) implements Checked {}
}
