/**
 * Outbound webhooks (Standard Webhooks): stored with what they tell, signed, tried again for three
 * days, logged, and never sent to an address inside.
 */
package io.naap.metering.webhook;
