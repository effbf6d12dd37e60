/** Billing periods of tenants, and the period that contains an instant. */
package io.naap.metering.period;
