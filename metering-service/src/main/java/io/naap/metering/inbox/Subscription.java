package io.naap.metering.inbox;

import io.naap.store.Tx;
import java.util.List;

/**
 * What this service does with the events of one stream.
 *
 * @param <E> one event
 */
public interface Subscription<E> {
  /** The stream. */
  String topic();

  /**
   * The events an entry holds.
   *
   * @throws IllegalArgumentException when it holds none; it is set apart
   */
  List<E> read(String payload);

  /** Takes events in one transaction, in the order they came; each may have come before. */
  void take(Tx tx, List<E> events);

  /** After the commit of a batch. */
  default void done() {}
}
