/**
 * Accepts USDC on the chain: each tenant has an address, derived from a public key so that this
 * service has no key to the money, and a transfer is credited once its block is final.
 */
package io.naap.clearinghouse.usdc;
