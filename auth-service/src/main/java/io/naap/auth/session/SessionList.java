package io.naap.auth.session;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Lists the valid sessions of a user in the caller's session of Hibernate Reactive. */
@ApplicationScoped
class SessionList implements PanacheRepositoryBase<StoredSession, String> {
  private final Clock clock;

  SessionList(Clock clock) {
    this.clock = clock;
  }

  /**
   * A page, newest first, after the cursor.
   *
   * @param current the session of the request; absent for callers without one
   */
  Uni<List<SessionView>> list(
      String userId, Optional<String> current, Optional<String> before, int limit) {
    return find(
            "userId = ?1 and revokedAt is null and expiresAt > ?2 and id < ?3 order by id desc",
            userId,
            clock.instant(),
            before.orElse("~"))
        .range(0, limit - 1)
        .list()
        .map(rows -> rows.stream().map(row -> row.view(current)).toList());
  }
}
