/**
 * Compares what metering charged with what the ledger booked: sums of ten seconds each, and where
 * they differ charge by charge. Charges that the ledger does not have are asked for again; charges
 * with another amount are reported until a person resolves them.
 */
package io.naap.clearinghouse.comparison;
