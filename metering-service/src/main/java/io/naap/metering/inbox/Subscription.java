package io.naap.metering.inbox;

import io.naap.metering.store.Tx;

/** What this service does with the events of one stream. */
public interface Subscription {
  /** The stream. */
  String topic();

  /**
   * Takes one event, in a transaction of its own.
   *
   * @throws IllegalArgumentException when it is none; it is set apart
   */
  void take(Tx tx, String payload);

  /** After the commit of a batch. */
  default void done() {}
}
