/**
 * What metering counts and times: events by what became of them, and every refusal by reason. No
 * ids in labels.
 */
package io.naap.metering.metrics;
