/**
 * Compares charges with the ledger: sends the ledger the sums of each time span, lists the charges
 * of a span when the ledger's own sums differ, and sends again the charges the ledger lacks.
 */
package io.naap.metering.comparison;
