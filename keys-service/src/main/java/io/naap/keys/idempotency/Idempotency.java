package io.naap.keys.idempotency;

import io.naap.contracts.problem.Refusal;
import io.naap.keys.pepper.Peppers;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Remembers the first answer for 24 hours. The answer commits together with the effect, and a lock
 * that ends with the transaction marks a call in flight: a crash leaves neither half. Answers are
 * encrypted at rest, because they may hold a key that is shown once.
 */
@ApplicationScoped
public class Idempotency {
  private static final Duration MEMORY = Duration.ofHours(24);
  private static final int MAX_KEY = 255;
  private static final int IV = 12;
  private static final int TAG_BITS = 128;

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  /** The first one encrypts; the others are of older peppers. */
  private final List<SecretKeySpec> secrets;

  Idempotency(Clock clock, Peppers peppers) {
    this.clock = clock;
    this.secrets =
        peppers.derive("idempotency-answers").stream()
            .map(key -> new SecretKeySpec(key, "AES"))
            .toList();
  }

  /** What a caller was answered, to the byte. */
  public record Answer(int status, String body) {}

  /**
   * Runs the effect in the open transaction, or gives the first answer again.
   *
   * @param key the {@code Idempotency-Key} header; without one the effect just runs
   */
  public Uni<Answer> once(
      String caller, String route, String key, String body, Supplier<Uni<Answer>> effect) {
    if (key == null) {
      return effect.get();
    }
    if (key.isBlank()
        || key.length() > MAX_KEY
        || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw Refusal.invalid("An Idempotency-Key has 1 to 255 printable characters.").raise();
    }
    String hash = hash(body);
    return Panache.getSession()
        .flatMap(
            session ->
                tryLock(session, caller + '\n' + route + '\n' + key)
                    .flatMap(mine -> mine ? first(session, caller, route, key) : inFlight())
                    .flatMap(
                        found ->
                            found == null
                                ? effect
                                    .get()
                                    .call(
                                        answer ->
                                            remember(session, caller, route, key, hash, answer))
                                : Uni.createFrom().item(() -> replay(found, hash))));
  }

  private static Uni<Boolean> tryLock(Mutiny.Session session, String what) {
    return session
        .createNativeQuery(
            "select pg_try_advisory_xact_lock(hashtextextended(:what, 0))", Boolean.class)
        .setParameter("what", what)
        .getSingleResult();
  }

  private Uni<Object[]> first(Mutiny.Session session, String caller, String route, String key) {
    return session
        .createNativeQuery(
            "select body_hash, status, answer from idempotency where caller = :caller"
                + " and route = :route and key = :key and created_at > :since",
            Object[].class)
        .setParameter("caller", caller)
        .setParameter("route", route)
        .setParameter("key", key)
        .setParameter("since", clock.instant().minus(MEMORY))
        .getSingleResultOrNull();
  }

  private static Uni<Object[]> inFlight() {
    throw Refusal.conflict(
            "idempotency_in_flight",
            "The first request with this Idempotency-Key is still running; send it again later.")
        .raise();
  }

  private Answer replay(Object[] first, String hash) {
    if (!hash.equals(first[0])) {
      throw Refusal.of(
              422,
              "idempotency_key_reused",
              "This Idempotency-Key was used with another body; use a new key.")
          .raise();
    }
    return new Answer(((Number) first[1]).intValue(), decrypt((byte[]) first[2]));
  }

  private Uni<Integer> remember(
      Mutiny.Session session, String caller, String route, String key, String hash, Answer answer) {
    Instant now = clock.instant();
    return session
        .createNativeQuery(
            """
            insert into idempotency (caller, route, key, body_hash, status, answer, created_at)
            values (:caller, :route, :key, :hash, :status, :answer, :now)
            on conflict (caller, route, key) do update set body_hash = excluded.body_hash,
              status = excluded.status, answer = excluded.answer, created_at = excluded.created_at
            """)
        .setParameter("caller", caller)
        .setParameter("route", route)
        .setParameter("key", key)
        .setParameter("hash", hash)
        .setParameter("status", answer.status())
        .setParameter("answer", encrypt(answer.body()))
        .setParameter("now", now)
        .executeUpdate();
  }

  private byte[] encrypt(String text) {
    byte[] iv = new byte[IV];
    random.nextBytes(iv);
    try {
      byte[] sealed =
          crypt(Cipher.ENCRYPT_MODE, secrets.get(0), iv, text.getBytes(StandardCharsets.UTF_8));
      byte[] all = Arrays.copyOf(iv, IV + sealed.length);
      System.arraycopy(sealed, 0, all, IV, sealed.length);
      return all;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private String decrypt(byte[] all) {
    byte[] sealed = Arrays.copyOfRange(all, IV, all.length);
    for (SecretKeySpec secret : secrets) {
      try {
        return new String(
            crypt(Cipher.DECRYPT_MODE, secret, Arrays.copyOf(all, IV), sealed),
            StandardCharsets.UTF_8);
      } catch (GeneralSecurityException underAnotherPepper) {
        // Perhaps the next one opens it.
      }
    }
    throw Refusal.conflict(
            "idempotency_answer_lost",
            "The request was done; its first answer cannot be shown again. Look at what it made.")
        .raise();
  }

  private static byte[] crypt(int mode, SecretKeySpec secret, byte[] iv, byte[] bytes)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, secret, new GCMParameterSpec(TAG_BITS, iv));
    return cipher.doFinal(bytes);
  }

  private static String hash(String body) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
