/** Money between admission and the ledger: the funding a router may spend from. */
package io.naap.contracts.clearing;
