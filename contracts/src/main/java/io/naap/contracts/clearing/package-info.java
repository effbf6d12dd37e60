/** Money between admission and the ledger: the funding that routers lease and spend from. */
package io.naap.contracts.clearing;
