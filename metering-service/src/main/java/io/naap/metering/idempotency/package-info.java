/** A POST that moves money takes effect once per Idempotency-Key. */
package io.naap.metering.idempotency;
