/**
 * The protobuf messages a signer reads and writes (go-livepeer's {@code net} package), by hand: the
 * few fields that matter as records, forwarded messages as the bytes they came in.
 */
package io.naap.clearinghouse.signer.wire;
