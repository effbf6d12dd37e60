/**
 * Keeps the deposit, the reserve and the wallets between their marks. Everything done on the chain
 * is an intent: written down, then signed and the bytes written down, then sent, and sent again as
 * the same bytes until it is final.
 */
package io.naap.clearinghouse.treasury;
