/**
 * Who is calling. One verifier of access tokens, whose keys and refusals are auth-service's as of
 * half a second ago; one mapping from a verified token to a {@link
 * io.naap.contracts.identity.Caller}; and the rule that every endpoint states who may call it.
 */
package io.naap.contracts.identity;
