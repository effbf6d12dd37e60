package io.naap.auth.oauth;

/** An error response of OAuth (RFC 6749, section 5.2). */
public record OAuthError(String error, String errorDescription) {}
