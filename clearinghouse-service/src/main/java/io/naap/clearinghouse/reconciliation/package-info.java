/**
 * What was earned, what the network cost, and the difference. A cost nobody can be named for is a
 * row of its own, never hidden in a total.
 */
package io.naap.clearinghouse.reconciliation;
