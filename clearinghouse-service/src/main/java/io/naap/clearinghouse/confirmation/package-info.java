/**
 * Compares what the hook authorised stock go-livepeer signers to sign with what their events on
 * Kafka say they signed. Runs when a Kafka broker is configured. It reports disagreements and never
 * moves money.
 */
package io.naap.clearinghouse.confirmation;
