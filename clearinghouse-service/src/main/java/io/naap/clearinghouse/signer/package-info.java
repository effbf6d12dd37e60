/**
 * The remote signer go-livepeer gateways and SDKs ask for payments, on a port of its own. Callers
 * are authorised before anything is signed; every nonce and wei is recorded before its signature
 * leaves; a state blob is good for one payment.
 */
package io.naap.clearinghouse.signer;
