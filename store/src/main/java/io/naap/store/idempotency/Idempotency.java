package io.naap.store.idempotency;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.json.Json;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Remembers the first answer for 24 hours. The answer commits together with the effect, and a lock
 * that ends with the transaction marks a call in flight: a crash leaves neither half.
 */
@ApplicationScoped
public class Idempotency {
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  Idempotency(Clock clock) {
    this.clock = clock;
  }

  /** What a caller was answered, to the byte. */
  public record Answer(int status, String body) {}

  /**
   * The same where the caller may leave the key out: without one the effect just runs.
   *
   * @param key the {@code Idempotency-Key} header, null when absent
   */
  public Answer onceIfAsked(
      Tx tx, Caller caller, String route, String key, Object body, Supplier<Answer> effect) {
    return key == null ? effect.get() : once(tx, caller, route, key, body, effect);
  }

  /**
   * Runs the effect, or gives the first answer again.
   *
   * @param key the {@code Idempotency-Key} header, null when absent
   */
  public Answer once(
      Tx tx, Caller caller, String route, String key, Object body, Supplier<Answer> effect) {
    IdempotentCall call = IdempotentCall.of(caller.subject(), route, key, text(body));
    if (!tryLock(tx, call.lock())) {
      throw IdempotentCall.inFlight().raise();
    }
    Instant now = clock.instant();
    Optional<Row> first = first(tx, call, now);
    if (first.isPresent()) {
      return replay(call, first.get());
    }
    Answer answer = effect.get();
    remember(tx, call, answer, now);
    return answer;
  }

  private static Optional<Row> first(Tx tx, IdempotentCall call, Instant now) {
    return tx.one(
        """
        select key, body_hash, status, body from idempotency
        where caller = $1 and route = $2 and key in ($3, $4) and created_at > $5
        order by key = $3 desc limit 1""",
        call.caller(),
        call.route(),
        call.keyHash(),
        call.key(),
        now.minus(IdempotentCall.MEMORY).atOffset(ZoneOffset.UTC));
  }

  private void remember(Tx tx, IdempotentCall call, Answer answer, Instant now) {
    tx.change(
        """
        insert into idempotency (caller, route, key, body_hash, status, body, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (caller, route, key) do update set body_hash = excluded.body_hash,
          status = excluded.status, body = excluded.body, created_at = excluded.created_at""",
        call.caller(),
        call.route(),
        call.keyHash(),
        call.bodyHash(),
        answer.status(),
        call.seal(answer.body(), random),
        now.atOffset(ZoneOffset.UTC));
  }

  private Answer replay(IdempotentCall call, Row first) {
    call.requireSameBody(first.getString("body_hash"));
    String body = first.getString("body");
    // Answers that were remembered before keys were hashed were not sealed either.
    return new Answer(
        first.getInteger("status"),
        first.getString("key").equals(call.key()) ? body : call.open(body, random));
  }

  private static boolean tryLock(Tx tx, String what) {
    return tx.one("select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as mine", what)
        .orElseThrow()
        .getBoolean("mine");
  }

  private static String text(Object body) {
    return Json.write(body);
  }
}
