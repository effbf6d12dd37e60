/**
 * The double-entry ledger. Its SQL is written out: correctness depends on the order of row locks. A
 * journal sums to zero per currency, is booked once per business key for ever, and never changes;
 * an account never passes its floor. All of it is checked here under row locks and once more by the
 * schema.
 */
package io.naap.clearinghouse.ledger;
