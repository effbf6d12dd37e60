/**
 * Usage events: stored once, rated, counted and announced in one transaction per batch. An event
 * without a price is quarantined; one that cannot be read is set apart. Neither is dropped, and
 * neither holds up the rest.
 */
package io.naap.metering.ingest;
