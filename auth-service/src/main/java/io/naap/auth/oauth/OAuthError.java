package io.naap.auth.oauth;

/** An error as RFC 6749, section 5.2, spells it. */
public record OAuthError(String error, String errorDescription) {}
