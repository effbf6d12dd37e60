/**
 * Keys and addresses: a key is read from a V3 keystore file or asked for at a Web3Signer, and only
 * {@link io.naap.clearinghouse.wallet.Wallet} signs with it.
 */
package io.naap.clearinghouse.wallet;
