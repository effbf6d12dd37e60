package io.naap.keys.presented;

import io.naap.contracts.keys.KeyProfile;

/** What a presented key turned out to be. */
public sealed interface Checked {
  /** A key that may be used now. */
  record Good(KeyProfile profile) implements Checked {}

  /**
   * Anything else. Who presented it is never told which.
   *
   * @param reason for our own metrics
   */
  record Bad(String reason) implements Checked {}
}
