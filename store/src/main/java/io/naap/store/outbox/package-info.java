/** Events leave after, and because, the transaction that made them has committed. */
package io.naap.store.outbox;
