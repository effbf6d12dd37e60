/**
 * Tells the ledger what was rated, span by span, lists a span's charges when the ledger's sums
 * differ, and sends again what the ledger does not have.
 */
package io.naap.metering.comparison;
