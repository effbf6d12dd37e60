/**
 * Records signed payments. A payment is committed in Postgres, with its nonces and its value,
 * before its tickets are signed; one session state leads to one payment; caps and kill switches
 * hold inside the same transaction. The SQL is written out because the order of row locks is what
 * keeps a nonce from being given out twice. Locks are taken in this order: sessions, recipient
 * nonces, caps, ledger accounts.
 */
package io.naap.clearinghouse.signer.tickets;
