package io.naap.clearinghouse.signer.payment;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.orchestrators.PriceCeilings;
import io.naap.clearinghouse.signer.orchestrators.SeenPrices;
import io.naap.clearinghouse.signer.protocol.Fraction;
import io.naap.clearinghouse.signer.protocol.JobType;
import io.naap.clearinghouse.signer.protocol.OrchestratorInfo;
import io.naap.clearinghouse.signer.protocol.PaymentRefusal;
import io.naap.clearinghouse.signer.protocol.PaymentRequest;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.clearinghouse.signer.protocol.Ticket;
import io.naap.clearinghouse.signer.protocol.TicketParams;
import io.naap.clearinghouse.signer.tickets.PaymentToRecord;
import io.naap.clearinghouse.wallet.Address;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * The second stage of a payment: decides by go-livepeer's rules and the operator's whether the
 * orchestrator may be paid, at which price, for how many units and with how many tickets. It looks
 * at one payment alone; what depends on other payments is decided by {@link
 * io.naap.clearinghouse.signer.tickets.PaymentRules} when the payment is recorded. The order of the
 * checks is go-livepeer's.
 */
final class PaymentJudge {
  private static final Duration TOKEN_REFRESH = Duration.ofMinutes(3);
  private static final int MAX_TICKETS = 100;
  private static final ByteString NO_HASH = ByteString.copyFrom(new byte[32]);
  private static final String CANNOT_CHECK =
      "remote signer could not check whether to refresh session: ";

  private final SignerConfig config;
  private final ChainView chain;
  private final SeenPrices prices;
  private final EtherPrice etherPrice;
  private final RandomGenerator random;
  private final Optional<Set<String>> allowed;
  private final Set<String> denied;
  private final PriceCeilings ceilings;

  PaymentJudge(
      SignerConfig config,
      ChainView chain,
      SeenPrices prices,
      EtherPrice etherPrice,
      RandomGenerator random) {
    this.config = config;
    this.chain = chain;
    this.prices = prices;
    this.etherPrice = etherPrice;
    this.random = random;
    this.allowed = config.allowedOrchestrators().map(PaymentJudge::addresses);
    this.denied = config.deniedOrchestrators().map(PaymentJudge::addresses).orElse(Set.of());
    this.ceilings = new PriceCeilings(config.maxPricePerCapability(), config.maxPricePerUnit());
  }

  private static Set<String> addresses(Set<String> given) {
    return given.stream().map(a -> Address.parse(a).lowerCase()).collect(Collectors.toSet());
  }

  /** The outcome of judging. */
  sealed interface Judgement {
    record Payable(PaymentToRecord payment) implements Judgement {}

    record Refused(PaymentRefusal refusal) implements Judgement {}
  }

  Judgement judge(PaymentDraft draft) {
    Optional<PaymentRefusal> early = refuseOrchestrator(draft).or(() -> refuseSession(draft));
    if (early.isPresent()) {
      return new Judgement.Refused(early.get());
    }
    Optional<JobType> type = JobType.of(draft.request().type());
    if (type.isEmpty()) {
      return new Judgement.Refused(PaymentRefusal.invalid("invalid job type"));
    }
    BigInteger units = units(type.get(), draft);
    if (units.signum() <= 0) {
      return new Judgement.Refused(PaymentRefusal.invalid("missing billable unit or job type"));
    }
    Optional<PaymentRefusal> price =
        refuseMaxPrice(draft.request(), type.get()).or(() -> refusePrice(draft));
    return price.isPresent() ? new Judgement.Refused(price.get()) : judge(draft, type.get(), units);
  }

  /** Counts the tickets of a payment whose orchestrator, session and price are accepted. */
  private Judgement judge(PaymentDraft draft, JobType type, BigInteger units) {
    TicketParams params = draft.offer().params();
    Fraction value = Ticket.value(params.faceValue(), params.winProb());
    Stage stage =
        Stage.of(
            draft.before().map(PaymentState::balance).orElse(Fraction.ZERO),
            initialPrice(draft).times(Fraction.of(units)),
            value);
    Optional<PaymentRefusal> refused =
        refuseTickets(stage, value).or(() -> refuseRegistry(draft.offer().info()));
    if (refused.isPresent()) {
      return new Judgement.Refused(refused.get());
    }
    int tickets = stage.tickets().intValueExact();
    BigInteger expectedValue = value.times(tickets).rounded();
    Optional<NanoUsd> cost = Optional.empty();
    if (draft.caller().tenant().isPresent()) {
      cost = etherPrice.charged(new BigDecimal(expectedValue), config.markup());
      if (cost.isEmpty()) {
        return new Judgement.Refused(
            PaymentRefusal.of(503, "price_unknown", "the price of ether is unknown"));
      }
    }
    return new Judgement.Payable(
        new PaymentToRecord(
            draft.caller(),
            draft.before(),
            after(draft, stage),
            new PaymentToRecord.Terms(params, draft.offer().price(), round(params, draft.seen())),
            new PaymentToRecord.Fee(type, units, tickets, expectedValue, cost),
            draft.requestHash(),
            draft.now()));
  }

  private static Optional<PaymentRefusal> invalid(String message) {
    return Optional.of(PaymentRefusal.invalid(message));
  }

  private static Optional<PaymentRefusal> refused(int status, String reason, String message) {
    return Optional.of(PaymentRefusal.of(status, reason, message));
  }

  private Optional<PaymentRefusal> refuseOrchestrator(PaymentDraft draft) {
    if (!draft.offer().params().recipient().equals(draft.offer().info().address())) {
      return refused(403, "recipient", "the tickets' recipient is not the orchestrator");
    }
    String address = draft.offer().address();
    boolean listed = allowed.map(set -> set.contains(address)).orElse(true);
    return listed && !denied.contains(address)
        ? Optional.empty()
        : refused(403, "orchestrator_denied", "the orchestrator may not be paid");
  }

  private Optional<PaymentRefusal> refuseRegistry(OrchestratorInfo info) {
    if (config.orchestrators() == SignerConfig.OrchestratorRule.ANY) {
      return Optional.empty();
    }
    Optional<Boolean> registered = chain.isRegistered(new Address(info.address()));
    if (registered.isEmpty()) {
      return refused(503, "registry_away", "the registry does not answer");
    }
    return registered.get()
        ? Optional.empty()
        : refused(
            403, "orchestrator_unregistered", "the orchestrator is not registered on the chain");
  }

  private Optional<PaymentRefusal> refuseSession(PaymentDraft draft) {
    OrchestratorInfo info = draft.offer().info();
    TicketParams params = draft.offer().params();
    if (info.authToken().isEmpty()) {
      return invalid(CANNOT_CHECK + "missing auth token");
    }
    if (draft.now().plus(TOKEN_REFRESH).getEpochSecond() >= info.authTokenExpiration()) {
      return refresh(info);
    }
    if (params.expirationBlock().signum() == 0) {
      return invalid(CANNOT_CHECK + "ticketParams expiration block is 0");
    }
    if (isExpired(params, draft.seen())) {
      return refresh(info);
    }
    Fraction value = Ticket.value(params.faceValue(), params.winProb());
    return value.signum() > 0 ? refuseValue(value, params, draft.seen()) : Optional.empty();
  }

  private static Optional<PaymentRefusal> refresh(OrchestratorInfo info) {
    return Optional.of(
        PaymentRefusal.of(PaymentRefusal.REFRESH, "refresh", "refresh session for remote signer")
            .withUrl(info.transcoder()));
  }

  /** True when tickets with these parameters cannot be redeemed any more, or only in this block. */
  static boolean isExpired(TicketParams params, ChainView.Snapshot seen) {
    return params.expirationBlock().subtract(seen.l1Block()).compareTo(BigInteger.ONE) <= 0;
  }

  private Optional<PaymentRefusal> refuseValue(
      Fraction value, TicketParams params, ChainView.Snapshot seen) {
    if (value.compareTo(Fraction.of(params.faceValue())) >= 0) {
      return invalid(CANNOT_CHECK + "ticket faceValue too low");
    }
    if (value.compareTo(Fraction.of(config.maxTicketEv())) > 0) {
      return invalid(CANNOT_CHECK + "ticket EV higher than max EV");
    }
    BigInteger nextRound = BigInteger.valueOf(seen.lastInitializedRound() + 1);
    if (seen.withdrawRound().signum() != 0 && seen.withdrawRound().compareTo(nextRound) <= 0) {
      return invalid(
          CANNOT_CHECK + "unable to validate sender: deposit and reserve is set to unlock soon");
    }
    if (seen.reserve().signum() == 0) {
      return invalid(CANNOT_CHECK + "no sender reserve");
    }
    if (seen.deposit().signum() == 0) {
      return invalid(CANNOT_CHECK + "no sender deposit");
    }
    BigInteger needed = params.faceValue().multiply(BigInteger.valueOf(config.depositMultiplier()));
    return needed.compareTo(seen.deposit()) > 0
        ? invalid(CANNOT_CHECK + "ticket faceValue higher than max faceValue")
        : Optional.empty();
  }

  private static BigInteger units(JobType type, PaymentDraft draft) {
    Duration elapsed =
        draft
            .before()
            .map(state -> Duration.between(state.lastUpdate(), draft.now()))
            .orElse(Duration.ZERO);
    return type.units(elapsed, draft.request().inPixels());
  }

  private static Optional<PaymentRefusal> refuseMaxPrice(PaymentRequest request, JobType type) {
    if (request.maxPrice().isEmpty()) {
      return Optional.empty();
    }
    if (type.priceUnit().isEmpty()) {
      return invalid("maxPrice needs a job type");
    }
    PaymentRequest.MaxPrice max = request.maxPrice().get();
    if (!"wei".equals(max.currency()) || !type.priceUnit().equals(max.unit())) {
      return invalid("maxPrice needs currency wei and unit " + type.priceUnit());
    }
    return max.value().isPresent() ? Optional.empty() : invalid("maxPrice must be above zero");
  }

  /** A session is paid at its first price, whatever the orchestrator asks later. */
  private static Fraction initialPrice(PaymentDraft draft) {
    return draft
        .before()
        .map(PaymentState::session)
        .map(s -> Fraction.of(s.initialPricePerUnit(), s.initialPixelsPerUnit()))
        .orElseGet(() -> currentPrice(draft));
  }

  private static Fraction currentPrice(PaymentDraft draft) {
    return Fraction.of(draft.offer().price().pricePerUnit(), draft.offer().price().pixelsPerUnit());
  }

  private Optional<PaymentRefusal> refusePrice(PaymentDraft draft) {
    boolean invalid =
        draft
            .before()
            .map(PaymentState::session)
            .filter(s -> s.initialPricePerUnit() <= 0 || s.initialPixelsPerUnit() <= 0)
            .isPresent();
    if (invalid) {
      return invalid("invalid initial price in state");
    }
    Fraction current = currentPrice(draft);
    prices.saw(
        draft.caller().name(),
        draft.offer().info().transcoder(),
        draft.models(),
        current,
        draft.now());
    Optional<BigDecimal> tier =
        Optional.ofNullable(config.tiers().get(draft.caller().tier()))
            .map(of -> new PriceCeilings(of.maxPricePerCapability(), of.maxPricePerUnit()))
            .flatMap(of -> of.of(draft.models()));
    Optional<BigDecimal> asked = draft.request().maxPrice().flatMap(PaymentRequest.MaxPrice::value);
    return refuseAbove(current, "configured", ceilings.of(draft.models()).map(Fraction::of))
        .or(() -> refuseAbove(current, "configured", tier.map(Fraction::of)))
        .or(() -> refuseAbove(current, "request", asked.map(Fraction::of)))
        .or(() -> refuseAbove(current, "initial session", Optional.of(initialPrice(draft))));
  }

  private static Optional<PaymentRefusal> refuseAbove(
      Fraction price, String source, Optional<Fraction> ceiling) {
    return ceiling
        .filter(most -> price.compareTo(most) > 0)
        .map(
            most ->
                PaymentRefusal.of(
                    481,
                    "price",
                    "orchestrator price %s exceeds %s ceiling %s"
                        .formatted(price.display(), source, most.display())));
  }

  private Optional<PaymentRefusal> refuseTickets(Stage stage, Fraction value) {
    if (stage.tickets().signum() == 0) {
      return refused(482, "no_tickets", "no tickets");
    }
    if (stage.tickets().compareTo(BigInteger.valueOf(MAX_TICKETS)) > 0) {
      return invalid("numTickets " + stage.tickets() + " exceeds maximum of " + MAX_TICKETS);
    }
    Fraction total = value.times(Fraction.of(stage.tickets()));
    // go-livepeer answers 500 here, which would hide from the caller that a cap refused.
    return total.compareTo(Fraction.of(config.maxTotalEv())) > 0
        ? refused(400, "call_cap", "total ticket EV is higher than the signer's max total EV")
        : Optional.empty();
  }

  /** The session's next state; its nonces are added when the payment is recorded. */
  private PaymentState after(PaymentDraft draft, Stage stage) {
    TicketParams params = draft.offer().params();
    Optional<PaymentState> before = draft.before();
    return new PaymentState(
        before.map(PaymentState::stateId).orElseGet(this::stateId),
        before.map(state -> state.sequenceNumber() + 1).orElse(0L),
        draft.now(),
        0,
        stage.balance(),
        new PaymentState.Session(
            "0x" + HexFormat.of().formatHex(params.recipientRandHash().toByteArray()),
            draft.offer().address(),
            draft.request().app(),
            draft.request().type(),
            before
                .map(state -> state.session().initialPricePerUnit())
                .orElse(draft.offer().price().pricePerUnit()),
            before
                .map(state -> state.session().initialPixelsPerUnit())
                .orElse(draft.offer().price().pixelsPerUnit())),
        PaymentState.Authorization.NONE);
  }

  /** 32 hexadecimal digits, not go-livepeer's eight: here the id is a key for ever. */
  private String stateId() {
    return HexFormat.of().toHexDigits(random.nextLong())
        + HexFormat.of().toHexDigits(random.nextLong());
  }

  /** The creation round that the orchestrator chose, else the newest. */
  private static PaymentToRecord.Round round(TicketParams params, ChainView.Snapshot seen) {
    boolean chosen =
        params.creationRound() != 0
            && params.creationRoundBlockHash().size() == 32
            && !params.creationRoundBlockHash().equals(NO_HASH);
    return chosen
        ? new PaymentToRecord.Round(params.creationRound(), params.creationRoundBlockHash())
        : new PaymentToRecord.Round(seen.lastInitializedRound(), seen.roundBlockHash());
  }
}
