package io.naap.store.outbox;

import io.naap.contracts.events.Topic;
import io.smallrye.mutiny.Uni;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Adds events to the {@link Outbox} in an open session of Hibernate Reactive. Services that use it
 * bring Hibernate Reactive; this module does not.
 */
public final class SessionOutbox {
  private SessionOutbox() {}

  /** Part of the session's transaction; poke the outbox after its commit. */
  public static Uni<Void> add(Mutiny.Session session, Topic.Announcement topic, String payload) {
    return session
        .createNativeQuery(
            "insert into outbox (topic, payloads, events)"
                + " values (:topic, array[cast(:payload as text)], 1)")
        .setParameter("topic", topic.stream())
        .setParameter("payload", payload)
        .executeUpdate()
        .replaceWithVoid();
  }
}
