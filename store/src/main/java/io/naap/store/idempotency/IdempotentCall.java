package io.naap.store.idempotency;

import io.naap.contracts.problem.Refusal;
import io.naap.contracts.secret.SealingKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;

/**
 * One call that takes effect once: who calls what with which {@code Idempotency-Key}. Only the hash
 * of the key is stored, and the first answer is sealed with the key itself: whoever reads the
 * database learns neither.
 */
public final class IdempotentCall {
  /** How long a first answer is given again. */
  public static final Duration MEMORY = Duration.ofHours(24);

  private static final int MAX_KEY = 255;
  private static final byte[] NO_CONTEXT = {};

  private final String caller;
  private final String route;
  private final String key;
  private final String bodyHash;

  private IdempotentCall(String caller, String route, String key, String body) {
    this.caller = caller;
    this.route = route;
    this.key = key;
    this.bodyHash = hash(body);
  }

  /**
   * Judges the key of a call.
   *
   * @param caller whose key it is
   * @param route what is called, such as {@code POST /v1/keys}
   * @param key the {@code Idempotency-Key} header, null when absent
   * @param body of the request: the same key with another one is refused
   * @throws Refusal.RefusedException when the key is absent or not printable
   */
  public static IdempotentCall of(String caller, String route, String key, String body) {
    if (key == null || key.isBlank()) {
      throw Refusal.of(
              400,
              "idempotency_key_missing",
              "Send an Idempotency-Key header: a new value for each new movement of money.")
          .raise();
    }
    if (key.length() > MAX_KEY || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw Refusal.invalid("An Idempotency-Key has 1 to 255 printable characters.").raise();
    }
    return new IdempotentCall(caller, route, key, body);
  }

  public String caller() {
    return caller;
  }

  public String route() {
    return route;
  }

  /** As it was sent. */
  public String key() {
    return key;
  }

  public String keyHash() {
    return hash(key);
  }

  public String bodyHash() {
    return bodyHash;
  }

  /** Names the lock that is held while the first call runs. */
  public String lock() {
    return caller + '\n' + route + '\n' + key;
  }

  /** For a call whose first one still runs. */
  public static Refusal inFlight() {
    return Refusal.conflict(
        "idempotency_in_flight",
        "The first request with this Idempotency-Key is still running; send it again later.");
  }

  /**
   * Refuses a key that was used with another body.
   *
   * @param first the hash of the first call's body
   */
  public void requireSameBody(String first) {
    if (!first.equals(bodyHash)) {
      throw Refusal.of(
              422,
              "idempotency_key_reused",
              "This Idempotency-Key was used with another body; use a new key.")
          .raise();
    }
  }

  /** The body of an answer as it is stored. */
  public String seal(String body, SecureRandom random) {
    return Base64.getEncoder()
        .encodeToString(sealing(random).seal(body.getBytes(StandardCharsets.UTF_8), NO_CONTEXT));
  }

  /** The body of an answer that was stored by {@link #seal}. */
  public String open(String stored, SecureRandom random) {
    try {
      return new String(
          sealing(random).open(Base64.getDecoder().decode(stored), NO_CONTEXT),
          StandardCharsets.UTF_8);
    } catch (GeneralSecurityException changed) {
      throw new IllegalStateException("a remembered answer was changed", changed);
    }
  }

  private SealingKey sealing(SecureRandom random) {
    return SealingKey.of(HexFormat.of().parseHex(hash("answer\n" + lock())), random);
  }

  private static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
