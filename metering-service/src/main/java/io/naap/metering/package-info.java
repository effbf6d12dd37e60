/**
 * Metering: every usage event is stored once, rated with the price that was in force, added to the
 * sums and announced as a charge, in one transaction. No event is dropped.
 */
package io.naap.metering;
