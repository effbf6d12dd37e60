/** A POST that moves money takes effect once per Idempotency-Key. */
package io.naap.store.idempotency;
