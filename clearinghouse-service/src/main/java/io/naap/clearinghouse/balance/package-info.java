/** Reads what a tenant has and owes, and the movements behind it. Nothing here moves money. */
package io.naap.clearinghouse.balance;
