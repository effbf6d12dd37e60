package io.naap.keys.outbox;

import io.naap.contracts.events.Topic;
import io.naap.store.outbox.Outbox;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Announces changes: into the outbox with the open session's transaction, and to whoever caches
 * here.
 */
@ApplicationScoped
public class Changes {
  private final Outbox outbox;
  private final AtomicLong committed = new AtomicLong();

  Changes(Outbox outbox) {
    this.outbox = outbox;
  }

  /** Part of the open transaction; say {@link #committed()} after its commit. */
  public Uni<Void> announce(Topic.Announcement topic, String payload) {
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .createNativeQuery(
                        "insert into outbox (topic, payloads, events)"
                            + " values (:topic, array[cast(:payload as text)], 1)")
                    .setParameter("topic", topic.stream())
                    .setParameter("payload", payload)
                    .executeUpdate())
        .replaceWithVoid();
  }

  /** A change was committed. */
  public void committed() {
    committed.incrementAndGet();
    outbox.poke();
  }

  /** How many changes this instance has committed: whoever caches compares. */
  public long count() {
    return committed.get();
  }
}
