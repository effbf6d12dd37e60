/**
 * What others need to know of this authorization server: its metadata (RFC 8414) and the public
 * keys that its tokens are signed with (RFC 7517).
 */
package io.naap.auth.metadata;
