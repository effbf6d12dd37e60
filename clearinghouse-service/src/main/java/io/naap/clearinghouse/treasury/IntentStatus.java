package io.naap.clearinghouse.treasury;

import java.util.Locale;

/** The states of an intent, in the order in which it passes them. */
enum IntentStatus {
  PLANNED,
  /** It has its nonce, and its signed bytes are stored. */
  SIGNED,
  SENT,
  /** A receipt says that it was mined, in a block that is not final. */
  CONFIRMED,
  FINAL,
  /** Mined in a final block, and failed there. */
  REVERTED,
  /** Its nonce was used by a transaction that is not ours. */
  REPLACED,
  /** Its time was over before it was signed. */
  EXPIRED;

  /** SQL: the states of an intent that may still change the chain. */
  static final String UNDER_WAY = "('planned', 'signed', 'sent', 'confirmed')";

  /** SQL: the states of an intent that has its nonce and is not final. */
  static final String OPEN = "('signed', 'sent', 'confirmed')";

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static IntentStatus of(String wireName) {
    return valueOf(wireName.toUpperCase(Locale.ROOT));
  }
}
