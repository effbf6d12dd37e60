/**
 * The limits of a key, its tenant and its plan, what an operator overrides of them, and how a
 * client is told where it stands. Plain values: nothing here counts or leases anything.
 */
package io.naap.router.limit;
