/**
 * Reads usage events from Redis. Each is stored once, rated, added to the sums and announced, in
 * one transaction per batch. An event that cannot be rated is quarantined; one that cannot be read
 * becomes a dead letter. Neither delays the other events.
 */
package io.naap.metering.ingest;
