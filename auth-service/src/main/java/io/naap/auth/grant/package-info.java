/**
 * The token endpoint: refresh tokens, service accounts and device codes become access tokens (RFC
 * 6749), which can be introspected (RFC 7662) and revoked (RFC 7009).
 */
package io.naap.auth.grant;
