/**
 * The HTTP server of the remote signer: go-livepeer gateways and SDKs ask it for payments, on a
 * port of its own. A request is read, its caller is authenticated, the payment is judged and
 * recorded, and only then signed. Nothing is signed before its nonces and its value are committed
 * in Postgres.
 */
package io.naap.clearinghouse.signer;
