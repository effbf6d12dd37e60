/**
 * A POST that makes something takes effect once per Idempotency-Key, and gives its first answer
 * again.
 */
package io.naap.keys.idempotency;
