package io.naap.clearinghouse.signer.tickets;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.TicketParams;

/**
 * The recorded tickets of one payment: everything its answer is written from, so that the same
 * answer can be given again.
 *
 * @param params as the orchestrator sent them
 * @param priceInfo as the orchestrator sent it
 * @param state as the caller gets it, with its nonces
 */
public record TicketBatch(
    int firstNonce,
    int tickets,
    PaymentToRecord.Round round,
    ByteString requestHash,
    TicketParams params,
    ByteString priceInfo,
    String state) {}
