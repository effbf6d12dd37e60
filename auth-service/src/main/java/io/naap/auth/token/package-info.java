/**
 * Tokens: ES256 access tokens (RFC 9068) that live ten minutes, the keys they are signed with, and
 * service tokens of an audience of their own.
 */
package io.naap.auth.token;
