/** Billing periods: which one an instant is in, for each tenant. */
package io.naap.metering.period;
