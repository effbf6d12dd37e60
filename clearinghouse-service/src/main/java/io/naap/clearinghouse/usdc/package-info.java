/**
 * USDC on the chain: an address a tenant, derived from a public key so that no key to the money is
 * here, and transfers credited once their block is final.
 */
package io.naap.clearinghouse.usdc;
