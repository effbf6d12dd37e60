/**
 * Outbound webhooks by the Standard Webhooks specification: a message is stored in the transaction
 * of the change it reports, signed, retried for about three days, logged, and never sent to a
 * private address.
 */
package io.naap.metering.webhook;
