package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.signer.wire.Capabilities;
import io.naap.clearinghouse.signer.wire.OrchestratorInfo;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.TicketParams;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A request that could be read, and whose state, if any, is ours. */
record PaymentDraft(
    SignerCaller caller,
    PaymentRequest request,
    OrchestratorInfo info,
    PriceInfo price,
    TicketParams params,
    ChainView.Snapshot seen,
    String orchestrator,
    Optional<PaymentState> before,
    String manifestId,
    Optional<ByteString> capabilities,
    List<Capabilities.Model> models,
    ByteString requestHash,
    Instant now) {
  /** The same request, as if it had shown no state. */
  PaymentDraft anew() {
    return new PaymentDraft(
        caller,
        request,
        info,
        price,
        params,
        seen,
        orchestrator,
        Optional.empty(),
        manifestId,
        capabilities,
        models,
        requestHash,
        now);
  }
}
