/**
 * Keeps the deposit, the reserve and the wallets between their low marks and their targets, sweeps
 * the tenants' USDC and buys ether with it. Everything it does on the chain is an intent: it is
 * stored, then signed and its bytes stored, then sent, and sent again as the same bytes until a
 * receipt is final. The policies decide; they do nothing themselves.
 */
package io.naap.clearinghouse.treasury;
