/**
 * Reports revenue, network cost and margin. A cost that belongs to no tenant is a row of its own,
 * never hidden in a total.
 */
package io.naap.clearinghouse.reconciliation;
