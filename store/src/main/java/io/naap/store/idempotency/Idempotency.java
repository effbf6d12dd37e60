package io.naap.store.idempotency;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.secret.SealingKey;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Remembers the first answer for 24 hours. An answer may hold a secret that is shown once, so what
 * is stored is encrypted with the caller's Idempotency-Key, of which only the hash is stored. The
 * answer commits together with the effect, and a lock that ends with the transaction marks a call
 * in flight: a crash leaves neither half.
 */
@ApplicationScoped
public class Idempotency {
  private static final Duration MEMORY = Duration.ofHours(24);
  private static final int MAX_KEY = 255;
  private static final byte[] NO_CONTEXT = {};

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
    String checked = check(key);
    String hash = hash(text(body));
    if (!tryLock(tx, caller.subject() + '\n' + route + '\n' + checked)) {
      throw Refusal.conflict(
              "idempotency_in_flight",
              "The first request with this Idempotency-Key is still running; send it again later.")
          .raise();
    }
    Instant now = clock.instant();
    Optional<Row> first =
        tx.one(
            """
            select key, body_hash, status, body, created_at from idempotency
            where caller = $1 and route = $2 and key in ($3, $4) order by key = $3 desc limit 1""",
            caller.subject(),
            route,
            hash(checked),
            checked);
    if (first.isPresent()
        && first.get().getOffsetDateTime("created_at").toInstant().plus(MEMORY).isAfter(now)) {
      return first.get().getString("key").equals(checked)
          ? replay(first.get(), hash, UnaryOperator.identity())
          : replay(first.get(), hash, stored -> open(sealing(caller, route, checked), stored));
    }
    Answer answer = effect.get();
    tx.change(
        """
        insert into idempotency (caller, route, key, body_hash, status, body, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (caller, route, key) do update set body_hash = excluded.body_hash,
          status = excluded.status, body = excluded.body, created_at = excluded.created_at""",
        caller.subject(),
        route,
        hash(checked),
        hash,
        answer.status(),
        seal(sealing(caller, route, checked), answer.body()),
        now.atOffset(ZoneOffset.UTC));
    return answer;
  }

  /** Only who knows the Idempotency-Key can open what it was answered. */
  private SealingKey sealing(Caller caller, String route, String key) {
    byte[] derived =
        HexFormat.of().parseHex(hash("answer\n" + caller.subject() + '\n' + route + '\n' + key));
    return SealingKey.of(derived, random);
  }

  private static String seal(SealingKey key, String body) {
    return Base64.getEncoder()
        .encodeToString(key.seal(body.getBytes(StandardCharsets.UTF_8), NO_CONTEXT));
  }

  private static String open(SealingKey key, String sealed) {
    try {
      return new String(
          key.open(Base64.getDecoder().decode(sealed), NO_CONTEXT), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException changed) {
      throw new IllegalStateException("a remembered answer was changed", changed);
    }
  }

  /** An answer remembered before keys were hashed and answers sealed is there as it was given. */
  private static Answer replay(Row first, String hash, UnaryOperator<String> read) {
    if (!first.getString("body_hash").equals(hash)) {
      throw Refusal.of(
              422,
              "idempotency_key_reused",
              "This Idempotency-Key was used with another body; use a new key.")
          .raise();
    }
    return new Answer(first.getInteger("status"), read.apply(first.getString("body")));
  }

  private static boolean tryLock(Tx tx, String what) {
    return tx.one("select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as mine", what)
        .orElseThrow()
        .getBoolean("mine");
  }

  private static String check(String key) {
    if (key == null || key.isBlank()) {
      throw Refusal.of(
              400,
              "idempotency_key_missing",
              "Send an Idempotency-Key header: a new value for each new movement of money.")
          .raise();
    }
    if (key.length() > MAX_KEY || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw Refusal.invalid("An Idempotency-Key has at most 255 printable characters.").raise();
    }
    return key;
  }

  private static String text(Object body) {
    return Json.write(body);
  }

  private static String hash(String body) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
