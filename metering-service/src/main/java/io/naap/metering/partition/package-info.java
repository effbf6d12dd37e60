/**
 * Partitions of the usage events in Postgres: created before they are needed, dropped after their
 * retention.
 */
package io.naap.metering.partition;
