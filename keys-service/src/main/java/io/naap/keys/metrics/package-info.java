/** What keys-service counts: look-ups and every refusal by reason. No ids in labels. */
package io.naap.keys.metrics;
