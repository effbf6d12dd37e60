/**
 * Reads the chain from an RPC node: the L1 block, the sender's deposit and reserve, the round, the
 * price feed. When the last reading is too old, nothing is signed.
 */
package io.naap.clearinghouse.chain;
