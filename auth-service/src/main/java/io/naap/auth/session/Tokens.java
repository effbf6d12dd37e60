package io.naap.auth.session;

/**
 * What a signed-in client gets.
 *
 * @param accessToken RFC 9068, ten minutes
 * @param expiresIn seconds
 * @param refreshToken opaque, good once
 */
public record Tokens(
    String accessToken,
    String tokenType,
    long expiresIn,
    String refreshToken,
    String tenantId,
    String userId) {
  @Override
  public String toString() {
    return "Tokens[" + userId + ", " + tenantId + "]";
  }
}
