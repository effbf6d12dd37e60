package io.naap.contracts.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Names a session, a tenant, a user, a user in one tenant, or a token in the list of refusals.
 * Anyone inside the cluster can read the list without a token, so it holds no ids: a subject is the
 * SHA-256 of an id that cannot be guessed.
 */
public final class Subject {
  private Subject() {}

  /** All tokens and keys of a tenant, {@code ten_...}. */
  public static String tenant(String tenantId) {
    return hash("tenant:" + tenantId);
  }

  /** The tokens of a session, {@code ses_...}. */
  public static String session(String sessionId) {
    return hash("session:" + sessionId);
  }

  /** The tokens of a user or a service account, in every tenant. */
  public static String person(String userId) {
    return hash("person:" + userId);
  }

  /** The tokens of a user or a service account, in one tenant. */
  public static String member(String userId, String tenantId) {
    return hash("member:" + userId + '@' + tenantId);
  }

  /** One token, by its {@code jti} claim. */
  public static String token(String jti) {
    return hash("token:" + jti);
  }

  private static String hash(String text) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
