/**
 * Checks presented keys: found by public id, compared by hash, refused when disabled, expired or
 * ended. SQL by hand, because a look-up runs for every key that a router has not cached, and uses
 * are stored in batches.
 */
package io.naap.keys.verification;
