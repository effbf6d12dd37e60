/**
 * What the chain says: the L1 block, the sender's deposit and reserve, the round. Polled; an old
 * view is no view, and then nothing is signed.
 */
package io.naap.clearinghouse.chain;
