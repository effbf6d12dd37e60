/**
 * Invoices. One is made from the stored usage when a period is closed; a final invoice changes only
 * in its status and what was paid. Every line can be computed again from the events behind it.
 */
package io.naap.metering.invoice;
