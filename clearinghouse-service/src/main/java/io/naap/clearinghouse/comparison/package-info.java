/**
 * Compares what metering charged with what the ledger booked: sums of ten seconds each, and where
 * they differ charge by charge. What the ledger does not have is asked for again; what it has
 * otherwise is named until a person has looked at it.
 */
package io.naap.clearinghouse.comparison;
