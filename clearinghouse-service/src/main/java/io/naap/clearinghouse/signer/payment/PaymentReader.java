package io.naap.clearinghouse.signer.payment;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.signer.protocol.Capabilities;
import io.naap.clearinghouse.signer.protocol.OrchestratorInfo;
import io.naap.clearinghouse.signer.protocol.PaymentRefusal;
import io.naap.clearinghouse.signer.protocol.PaymentRequest;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.clearinghouse.signer.protocol.PriceInfo;
import io.naap.clearinghouse.signer.protocol.TicketParams;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.problem.InvalidInput;
import java.io.IOException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The first stage of a payment: parses a request and refuses one that is malformed or has a state
 * that this signer did not sign. It decides nothing about money. The order of its checks is
 * go-livepeer's, because clients tell errors apart by which comes first.
 */
final class PaymentReader {
  private static final int MAX_TEXT = 256;

  private final Wallet wallet;
  private final ChainView chain;
  private final Clock clock;
  private final RandomGenerator random;

  PaymentReader(Wallet wallet, ChainView chain, Clock clock, RandomGenerator random) {
    this.wallet = wallet;
    this.chain = chain;
    this.clock = clock;
    this.random = random;
  }

  /** The outcome of reading. */
  sealed interface Reading {
    record Readable(PaymentDraft draft) implements Reading {}

    record Refused(PaymentRefusal refusal) implements Reading {}
  }

  Reading read(SignerCaller caller, String body) {
    PaymentRequest request;
    try {
      request = PaymentRequest.read(body);
    } catch (InvalidInput unreadable) {
      return invalid(unreadable.getMessage());
    }
    if (request.app().length() > MAX_TEXT || request.manifestId().length() > MAX_TEXT) {
      return invalid("app and manifestID have at most 256 characters");
    }
    if (request.orchestrator().isEmpty()) {
      return invalid("missing orchestrator");
    }
    OrchestratorInfo info;
    try {
      info = OrchestratorInfo.read(request.orchestrator());
    } catch (IOException malformed) {
      return invalid("proto: cannot parse orchestrator");
    }
    return read(caller, request, info);
  }

  private Reading read(SignerCaller caller, PaymentRequest request, OrchestratorInfo info) {
    Optional<PriceInfo> price =
        info.priceInfo().filter(p -> p.pricePerUnit() > 0 && p.pixelsPerUnit() > 0);
    if (price.isEmpty()) {
      return invalid("missing or zero priceInfo");
    }
    if (info.ticketParams().isEmpty()) {
      return invalid("missing ticketParams");
    }
    TicketParams params = info.ticketParams().get();
    if (!isWellFormed(info, params)) {
      return invalid("ticketParams are malformed");
    }
    Optional<ChainView.Snapshot> seen = chain.latest();
    if (seen.isEmpty()) {
      return new Reading.Refused(PaymentRefusal.of(503, "chain_stale", "the chain view is stale"));
    }
    PaymentDraft.Offer offer =
        new PaymentDraft.Offer(info, price.get(), params, new Address(info.address()).lowerCase());
    Optional<PaymentState> before = Optional.empty();
    if (!request.state().isAbsent()) {
      byte[] text = request.state().text().toByteArray();
      if (!wallet.signed(text, request.state().signature())) {
        return invalid("invalid sig");
      }
      Optional<PaymentState> state = PaymentState.read(text);
      if (state.isEmpty()) {
        return invalid("invalid state");
      }
      // A state made for another orchestrator is ignored: a new session begins.
      before = state.filter(s -> s.session().orchestratorAddress().equals(offer.address()));
    }
    Optional<String> mismatch = before.flatMap(state -> mismatch(state.session(), request));
    if (mismatch.isPresent()) {
      return invalid(mismatch.get());
    }
    if (request.manifestId().isEmpty() && before.isPresent()) {
      return invalid("missing manifestID");
    }
    String manifestId =
        request.manifestId().isEmpty()
            ? HexFormat.of().toHexDigits(random.nextInt())
            : request.manifestId();
    List<Capabilities.Model> models;
    try {
      models = Capabilities.models(request.capabilities().orElse(ByteString.EMPTY));
    } catch (IOException malformed) {
      return invalid("proto: cannot parse capabilities");
    }
    return new Reading.Readable(
        new PaymentDraft(
            caller, request, offer, seen.get(), before, manifestId, models, clock.instant()));
  }

  private static boolean isWellFormed(OrchestratorInfo info, TicketParams params) {
    return info.address().size() == Address.LENGTH
        && params.recipient().size() == Address.LENGTH
        && params.recipientRandHash().size() == 32
        && params.faceValueBytes().size() <= 32
        && params.winProbBytes().size() <= 32
        && params.expirationBlockBytes().size() <= 32
        && params.creationRound() >= 0;
  }

  private static Optional<String> mismatch(PaymentState.Session session, PaymentRequest request) {
    if (!session.app().equals(request.app())) {
      return Optional.of("app mismatch");
    }
    return session.type().isEmpty() || session.type().equals(request.type())
        ? Optional.empty()
        : Optional.of("job type mismatch");
  }

  private static Reading invalid(String message) {
    return new Reading.Refused(PaymentRefusal.invalid(message));
  }
}
