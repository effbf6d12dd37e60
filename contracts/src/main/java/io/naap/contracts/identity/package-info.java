/**
 * Who is calling. One mapping from a verified token to a {@link io.naap.contracts.identity.Caller},
 * and the rule that every endpoint states who may call it.
 */
package io.naap.contracts.identity;
