/**
 * Checks presented keys: found by public id, compared by hash, refused when disabled, expired or
 * ended.
 */
package io.naap.keys.verification;
