/**
 * Invoices: made when a period is closed, from what was billed and nothing else; final ones never
 * change. Every line ties to its events, and can be computed again from them.
 */
package io.naap.metering.invoice;
