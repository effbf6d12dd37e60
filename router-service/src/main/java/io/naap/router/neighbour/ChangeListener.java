package io.naap.router.neighbour;

import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.events.UsageCommitted;

/**
 * Hears what other services push to every router, on one thread and in the order of the streams.
 */
public interface ChangeListener {
  /** A key, or all keys of a tenant, may no longer be as cached. */
  default void keyChanged(KeyChanged changed) {}

  /** The plan of a tenant, or of any tenant, may no longer be as cached. */
  default void planChanged(PlanChanged changed) {}

  /** Metering has stored a router's usage up to a position. */
  default void usageCommitted(UsageCommitted committed) {}

  /** Something may have changed that could not be read: nothing that is cached may be served. */
  default void forgetAll() {}

  /** Redis is reached, for the first time or again; pushes may have been missed. */
  default void reconnected() {
    forgetAll();
  }
}
