/**
 * Metadata of this authorization server (RFC 8414) and the public keys that verify its tokens (RFC
 * 7517).
 */
package io.naap.auth.metadata;
