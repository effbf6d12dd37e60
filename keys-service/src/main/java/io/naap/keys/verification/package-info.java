/**
 * Whether a presented key is good, now: looked up by its public id, compared by its hash, refused
 * when it is disabled, expired or used from an address that it does not allow.
 */
package io.naap.keys.verification;
