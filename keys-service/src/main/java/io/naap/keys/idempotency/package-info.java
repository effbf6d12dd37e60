/**
 * Makes a POST take effect once per Idempotency-Key; a repeated request gets the first response
 * again.
 */
package io.naap.keys.idempotency;
