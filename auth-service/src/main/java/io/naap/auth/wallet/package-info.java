/** Ethereum addresses and their checksums (EIP-55). */
package io.naap.auth.wallet;
