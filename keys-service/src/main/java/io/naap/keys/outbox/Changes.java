package io.naap.keys.outbox;

import io.naap.contracts.events.Topic;
import io.naap.store.outbox.Outbox;
import io.naap.store.outbox.SessionOutbox;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Announces changes of keys: writes them to the outbox in the open transaction, and invalidates the
 * caches of this instance.
 */
@ApplicationScoped
public class Changes {
  private final Outbox outbox;
  private final AtomicLong committed = new AtomicLong();

  Changes(Outbox outbox) {
    this.outbox = outbox;
  }

  /**
   * Adds an event to the outbox in the open transaction. Call {@link #committed()} after the
   * commit.
   */
  public Uni<Void> announce(Topic.Announcement topic, String payload) {
    return Panache.getSession().flatMap(session -> SessionOutbox.add(session, topic, payload));
  }

  /** Tells caches and the outbox's publisher that a change was committed. */
  public void committed() {
    committed.incrementAndGet();
    outbox.poke();
  }

  /**
   * The number of changes that this instance has committed. A cached result is stale when it has
   * grown.
   */
  public long count() {
    return committed.get();
  }
}
