/** Metrics of keys-service: resolved keys, and refusals by reason. No ids in labels. */
package io.naap.keys.metrics;
