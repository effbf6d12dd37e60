package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.signer.wire.Capabilities;
import io.naap.clearinghouse.signer.wire.OrchestratorInfo;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Wallet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Reads a request as far as it can be read without deciding about money: what is malformed, or has
 * a state that is not ours, ends here, in go-livepeer's order.
 */
final class PaymentReading {
  private static final int MAX_TEXT = 256;

  private final Wallet wallet;
  private final ChainView chain;
  private final Clock clock;
  private final RandomGenerator random;

  PaymentReading(Wallet wallet, ChainView chain, Clock clock, RandomGenerator random) {
    this.wallet = wallet;
    this.chain = chain;
    this.clock = clock;
    this.random = random;
  }

  PaymentDraft read(SignerCaller caller, String body) {
    PaymentRequest request = request(body);
    if (request.app().length() > MAX_TEXT || request.manifestId().length() > MAX_TEXT) {
      throw new PaymentRefused(400, "app and manifestID have at most 256 characters");
    }
    OrchestratorInfo info = orchestrator(request);
    PriceInfo price =
        info.priceInfo()
            .filter(p -> p.pricePerUnit() > 0 && p.pixelsPerUnit() > 0)
            .orElseThrow(() -> new PaymentRefused(400, "missing or zero priceInfo"));
    TicketParams params =
        info.ticketParams().orElseThrow(() -> new PaymentRefused(400, "missing ticketParams"));
    if (info.address().size() != Address.LENGTH
        || params.recipient().size() != Address.LENGTH
        || params.recipientRandHash().size() != 32
        || params.faceValueBytes().size() > 32
        || params.winProbBytes().size() > 32
        || params.expirationBlockBytes().size() > 32
        || params.creationRound() < 0) {
      throw new PaymentRefused(400, "ticketParams are malformed");
    }
    ChainView.Snapshot seen =
        chain
            .latest()
            .orElseThrow(() -> new PaymentRefused(503, "chain_stale", "the chain view is stale"));
    String orchestrator = new Address(info.address()).lowerCase();
    Optional<PaymentState> before = state(request, orchestrator);
    return new PaymentDraft(
        caller,
        request,
        info,
        price,
        params,
        seen,
        orchestrator,
        before,
        manifestId(request, before.isPresent()),
        request.capabilities(),
        models(request),
        requestHash(caller, request),
        clock.instant());
  }

  /** Names a request: everything that what is signed depends on. */
  private static ByteString requestHash(SignerCaller caller, PaymentRequest request) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part :
          List.of(
              caller.name().getBytes(StandardCharsets.UTF_8),
              request.state().toByteArray(),
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

  private static PaymentRequest request(String body) {
    try {
      return PaymentRequest.read(body);
    } catch (IllegalArgumentException unreadable) {
      throw new PaymentRefused(400, unreadable.getMessage());
    }
  }

  private static OrchestratorInfo orchestrator(PaymentRequest request) {
    if (request.orchestrator().isEmpty()) {
      throw new PaymentRefused(400, "missing orchestrator");
    }
    try {
      return OrchestratorInfo.read(request.orchestrator());
    } catch (IOException malformed) {
      throw new PaymentRefused(400, "proto: cannot parse orchestrator");
    }
  }

  /** The session a valid state continues; a state made for another orchestrator begins anew. */
  private Optional<PaymentState> state(PaymentRequest request, String orchestrator) {
    if (request.state().isEmpty() && request.signature().isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = request.state().toByteArray();
    if (!wallet.signed(bytes, request.signature())) {
      throw new PaymentRefused(400, "invalid sig");
    }
    PaymentState state =
        PaymentState.read(bytes).orElseThrow(() -> new PaymentRefused(400, "invalid state"));
    if (!state.orchestratorAddress().equals(orchestrator)) {
      return Optional.empty();
    }
    if (!state.app().equals(request.app())) {
      throw new PaymentRefused(400, "app mismatch");
    }
    if (!state.type().isEmpty() && !state.type().equals(request.type())) {
      throw new PaymentRefused(400, "job type mismatch");
    }
    return Optional.of(state);
  }

  private String manifestId(PaymentRequest request, boolean continued) {
    if (!request.manifestId().isEmpty()) {
      return request.manifestId();
    }
    if (continued) {
      throw new PaymentRefused(400, "missing manifestID");
    }
    return eightHex();
  }

  private static List<Capabilities.Model> models(PaymentRequest request) {
    try {
      return request.capabilities().isPresent()
          ? Capabilities.models(request.capabilities().get())
          : List.of();
    } catch (IOException malformed) {
      throw new PaymentRefused(400, "proto: cannot parse capabilities");
    }
  }

  private String eightHex() {
    return HexFormat.of().toHexDigits(random.nextInt());
  }
}
