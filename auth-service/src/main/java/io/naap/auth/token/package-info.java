/**
 * Tokens: access tokens (RFC 9068, ES256) that live ten minutes by default, the keys that sign
 * them, and tokens of a separate audience for services.
 */
package io.naap.auth.token;
