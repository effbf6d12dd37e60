package io.naap.clearinghouse.signer.payment;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.signer.protocol.Capabilities;
import io.naap.clearinghouse.signer.protocol.OrchestratorInfo;
import io.naap.clearinghouse.signer.protocol.PaymentRequest;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.clearinghouse.signer.protocol.PriceInfo;
import io.naap.clearinghouse.signer.protocol.TicketParams;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A payment request that could be read. Its state, if it has one, was signed by this signer.
 *
 * @param seen the chain as last seen
 * @param before the session's state; absent when a session begins
 */
record PaymentDraft(
    SignerCaller caller,
    PaymentRequest request,
    Offer offer,
    ChainView.Snapshot seen,
    Optional<PaymentState> before,
    String manifestId,
    List<Capabilities.Model> models,
    Instant now) {
  /**
   * What the orchestrator wants to be paid, and how.
   *
   * @param address of the orchestrator, in lower case
   */
  record Offer(OrchestratorInfo info, PriceInfo price, TicketParams params, String address) {}

  /** The same request without its state: it begins a new session. */
  PaymentDraft withoutState() {
    return new PaymentDraft(
        caller, request, offer, seen, Optional.empty(), manifestId, models, now);
  }

  /** A hash of everything the signed answer depends on: the same request has the same hash. */
  ByteString requestHash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part :
          List.of(
              caller.name().getBytes(StandardCharsets.UTF_8),
              request.state().text().toByteArray(),
              request.orchestrator().toByteArray(),
              request.manifestId().getBytes(StandardCharsets.UTF_8),
              request.app().getBytes(StandardCharsets.UTF_8),
              request.type().getBytes(StandardCharsets.UTF_8),
              Long.toString(request.inPixels()).getBytes(StandardCharsets.US_ASCII),
              request.maxPrice().map(Object::toString).orElse("").getBytes(StandardCharsets.UTF_8),
              request.capabilities().map(ByteString::toByteArray).orElse(new byte[0]))) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
        digest.update(part);
      }
      return ByteString.copyFrom(digest.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
