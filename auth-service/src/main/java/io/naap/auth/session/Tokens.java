package io.naap.auth.session;

/**
 * The tokens of a session.
 *
 * @param accessToken a JWT (RFC 9068), valid for ten minutes by default
 * @param expiresIn lifetime of the access token in seconds
 * @param refreshToken an opaque text that can be used once
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
