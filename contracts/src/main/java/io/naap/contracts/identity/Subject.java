package io.naap.contracts.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Whom a refusal concerns: a session, a tenant, a user, one user in one tenant, or one token. The
 * list is readable inside the cluster without a token, so it names nobody: a subject is the SHA-256
 * of an id that cannot be guessed.
 */
public final class Subject {
  private Subject() {}

  /** A whole tenant, {@code ten_...}. */
  public static String tenant(String tenantId) {
    return hash("tenant:" + tenantId);
  }

  /** One session, {@code ses_...}. */
  public static String session(String sessionId) {
    return hash("session:" + sessionId);
  }

  /** A user or a service account in every tenant. */
  public static String person(String userId) {
    return hash("person:" + userId);
  }

  /** A user or a service account in one tenant. */
  public static String member(String userId, String tenantId) {
    return hash("member:" + userId + '@' + tenantId);
  }

  /** One token, by its {@code jti}. */
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
