/**
 * The metrics of metering: events by state, dead letters, missing usage, jobs, invoices and webhook
 * deliveries. Labels never hold an id.
 */
package io.naap.metering.metrics;
