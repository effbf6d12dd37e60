package io.naap.metering.inbox;

import io.naap.store.Tx;
import java.util.List;

/**
 * Reads and stores the events of one Redis stream.
 *
 * @param <E> the type of its events
 */
public interface Subscription<E> {
  /** The name of the stream. */
  String topic();

  /**
   * Parses the events of an entry.
   *
   * @throws IllegalArgumentException when the entry cannot be read; it becomes a dead letter
   */
  List<E> read(String payload);

  /**
   * Stores events in the given transaction, in the order they arrived. Must ignore an event that
   * was stored before.
   */
  void take(Tx tx, List<E> events);

  /** Called after each batch, when its transaction has committed. */
  default void done() {}
}
