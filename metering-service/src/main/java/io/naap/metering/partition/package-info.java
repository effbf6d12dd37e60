/**
 * Partitions of the usage tables: made before they are needed, dropped when their retention is
 * over.
 */
package io.naap.metering.partition;
