/**
 * What go-livepeer and the signer exchange: the protobuf messages of go-livepeer's {@code net}
 * package, the JSON of a payment request, the session state and the hash of a ticket. Protobuf is
 * read and written by hand: only the fields that matter become record components; messages that are
 * passed on stay the bytes they came in. No decision is made here.
 */
package io.naap.clearinghouse.signer.protocol;
