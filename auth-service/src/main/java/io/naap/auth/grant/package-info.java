/**
 * The token endpoint. Issues access tokens for refresh tokens, service accounts and device codes
 * (RFC 6749); introspects (RFC 7662) and revokes (RFC 7009) tokens.
 */
package io.naap.auth.grant;
