/**
 * Money in, tickets out. Every movement of money is one journal of a double-entry ledger that sums
 * to zero, is booked once, and never changes; no account passes its floor. No ticket leaves before
 * its nonce and wei are recorded.
 */
package io.naap.clearinghouse;
