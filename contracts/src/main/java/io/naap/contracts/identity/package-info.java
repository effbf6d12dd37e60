/**
 * Identifies callers: one verifier of access tokens, whose keys and refusals are polled from
 * auth-service every half second; one mapping from a verified token to a {@link
 * io.naap.contracts.identity.Caller}; and a check that every endpoint states who may call it.
 */
package io.naap.contracts.identity;
