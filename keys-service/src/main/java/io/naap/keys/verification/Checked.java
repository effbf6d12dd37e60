package io.naap.keys.verification;

import io.naap.contracts.keys.KeyProfile;

/** What a presented key turned out to be. */
public sealed interface Checked {
  /** A key that may be used now. */
  record Good(KeyProfile profile) implements Checked {}

  /**
   * Really one of ours, and no good any more. Who presents it to use it is not told the difference.
   *
   * @param isSecretGood true when the key was disabled or has expired, but could come back
   */
  record Ended(String keyId, boolean isSecretGood) implements Checked {}

  /**
   * None of ours.
   *
   * @param reason for our own metrics
   */
  record Bad(String reason) implements Checked {}
}
