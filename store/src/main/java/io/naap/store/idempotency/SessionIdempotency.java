package io.naap.store.idempotency;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.function.Supplier;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Does the same as {@link Idempotency} in the open session of Hibernate Reactive. Services that use
 * it bring Hibernate Reactive with Panache; this module does not.
 */
@ApplicationScoped
public class SessionIdempotency {
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  SessionIdempotency(Clock clock) {
    this.clock = clock;
  }

  /**
   * Runs the effect in the open transaction, or returns the first response again.
   *
   * @param key the {@code Idempotency-Key} header; null runs the effect always
   */
  public Uni<Idempotency.Answer> once(
      String caller,
      String route,
      String key,
      String body,
      Supplier<Uni<Idempotency.Answer>> effect) {
    if (key == null) {
      return effect.get();
    }
    IdempotentCall call = IdempotentCall.of(caller, route, key, body);
    return Panache.getSession().flatMap(session -> once(session, call, effect));
  }

  private Uni<Idempotency.Answer> once(
      Mutiny.Session session, IdempotentCall call, Supplier<Uni<Idempotency.Answer>> effect) {
    return tryLock(session, call)
        .flatMap(
            mine -> {
              if (!mine) {
                throw IdempotentCall.inFlight().raise();
              }
              return first(session, call);
            })
        .flatMap(
            first ->
                first == null
                    ? effect.get().call(answer -> remember(session, call, answer))
                    : Uni.createFrom().item(() -> replay(call, first)));
  }

  private static Uni<Boolean> tryLock(Mutiny.Session session, IdempotentCall call) {
    return session
        .createNativeQuery(
            "select pg_try_advisory_xact_lock(hashtextextended(:what, 0))", Boolean.class)
        .setParameter("what", call.lock())
        .getSingleResult();
  }

  private Uni<Object[]> first(Mutiny.Session session, IdempotentCall call) {
    return session
        .createNativeQuery(
            "select body_hash, status, body from idempotency where caller = :caller"
                + " and route = :route and key = :key and created_at > :since",
            Object[].class)
        .setParameter("caller", call.caller())
        .setParameter("route", call.route())
        .setParameter("key", call.keyHash())
        .setParameter("since", clock.instant().minus(IdempotentCall.MEMORY))
        .getSingleResultOrNull();
  }

  private Uni<Integer> remember(
      Mutiny.Session session, IdempotentCall call, Idempotency.Answer answer) {
    return session
        .createNativeQuery(
            """
            insert into idempotency (caller, route, key, body_hash, status, body, created_at)
            values (:caller, :route, :key, :hash, :status, :body, :now)
            on conflict (caller, route, key) do update set body_hash = excluded.body_hash,
              status = excluded.status, body = excluded.body, created_at = excluded.created_at
            """)
        .setParameter("caller", call.caller())
        .setParameter("route", call.route())
        .setParameter("key", call.keyHash())
        .setParameter("hash", call.bodyHash())
        .setParameter("status", answer.status())
        .setParameter("body", call.seal(answer.body(), random))
        .setParameter("now", clock.instant())
        .executeUpdate();
  }

  private Idempotency.Answer replay(IdempotentCall call, Object[] first) {
    call.requireSameBody((String) first[0]);
    return new Idempotency.Answer(
        ((Number) first[1]).intValue(), call.open((String) first[2], random));
  }
}
