package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.signer.wire.Capabilities;
import io.naap.clearinghouse.signer.wire.OrchestratorInfo;
import io.naap.clearinghouse.signer.wire.Payment;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.SegmentCredentials;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.money.NanoUsd;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Decides what to pay an orchestrator, records it, and only then signs. The order of checks is
 * go-livepeer's, because clients tell errors apart by which comes first.
 */
final class LivePayments {
  /** One second of 720p at 30 frames. */
  private static final BigInteger LV2V_PIXELS_PER_SECOND = BigInteger.valueOf(1280L * 720 * 30);

  private static final Duration LV2V_PRELOAD = Duration.ofSeconds(60);
  private static final Duration LIVE_PRELOAD = Duration.ofSeconds(10);
  private static final Duration TOKEN_REFRESH = Duration.ofMinutes(3);
  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);
  private static final int MAX_TICKETS = 100;
  private static final int MAX_TEXT = 256;
  private static final String CANNOT_CHECK =
      "remote signer could not check whether to refresh session: ";

  private final Wallet wallet;
  private final ChainView chain;
  private final TicketStore store;
  private final EtherPrice etherPrice;
  private final SignerConfig config;
  private final ClearinghouseMetrics metrics;
  private final Clock clock;
  private final RandomGenerator random;
  private final Optional<Set<String>> allowed;
  private final Set<String> denied;
  private final PriceCeilings ceilings;

  LivePayments(
      Wallet wallet,
      ChainView chain,
      TicketStore store,
      EtherPrice etherPrice,
      SignerConfig config,
      ClearinghouseMetrics metrics,
      Clock clock,
      RandomGenerator random) {
    this.wallet = wallet;
    this.chain = chain;
    this.store = store;
    this.etherPrice = etherPrice;
    this.config = config;
    this.metrics = metrics;
    this.clock = clock;
    this.random = random;
    this.allowed = config.allowedOrchestrators().map(LivePayments::addresses);
    this.denied = config.deniedOrchestrators().map(LivePayments::addresses).orElse(Set.of());
    this.ceilings = new PriceCeilings(config.maxPricePerCapability(), config.maxPricePerUnit());
  }

  private static Set<String> addresses(Set<String> given) {
    return given.stream().map(a -> Address.parse(a).lowerCase()).collect(Collectors.toSet());
  }

  /** A request that could be read, and whose state, if any, is ours. */
  private record Draft(
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
    Draft anew() {
      return new Draft(
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

  PaymentOutcome pay(SignerCaller caller, String body) {
    try {
      Draft draft = draft(caller, body);
      return record(draft);
    } catch (PaymentRefused refused) {
      metrics.paymentRefused(refused.reason());
      return refused.outcome();
    } catch (TicketStore.UnrecordedException unknown) {
      metrics.paymentRefused("unrecorded");
      return new PaymentOutcome.Refused(503, "the store is away", Optional.empty());
    }
  }

  /** Whoever asks again what was granted gets the same answer, whatever has changed since. */
  private PaymentOutcome record(Draft draft) {
    TicketStore.Wanted wanted;
    try {
      wanted = wanted(draft);
    } catch (PaymentRefused refused) {
      Optional<Recorded> before =
          draft
              .before()
              .flatMap(state -> store.repeated(draft.caller(), state, draft.requestHash()));
      if (before.isEmpty()) {
        throw refused;
      }
      return answer(draft, before.get());
    }
    return answer(draft, store.record(wanted));
  }

  private PaymentOutcome answer(Draft draft, Recorded recorded) {
    return switch (recorded) {
      case Recorded.Granted granted -> {
        metrics.ticketsSigned(granted.batch().tickets(), false);
        yield sign(draft, granted.batch());
      }
      case Recorded.Repeated repeated -> {
        if (isOver(repeated.batch().params(), draft.seen())) {
          // What was lost is worth nothing any more: the stream goes on as a new session.
          yield record(draft.anew());
        }
        metrics.ticketsSigned(repeated.batch().tickets(), true);
        yield sign(draft, repeated.batch());
      }
      case Recorded.Refused refused ->
          throw new PaymentRefused(
              refused.status(),
              refused.reason(),
              refused.message(),
              refused.status() == 480 ? Optional.of(draft.info().transcoder()) : Optional.empty());
    };
  }

  private Draft draft(SignerCaller caller, String body) {
    PaymentRequest request = read(body);
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
    return new Draft(
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

  private static PaymentRequest read(String body) {
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

  /** All that can be decided without what other payments have done. */
  private TicketStore.Wanted wanted(Draft draft) {
    PaymentRequest request = draft.request();
    checkOrchestrator(draft);
    checkSession(draft.info(), draft.params(), draft.seen(), draft.now());
    Optional<PaymentState> before = draft.before();
    BigInteger units = units(request, before, draft.now());
    PriceInfo price = draft.price();
    long initialPrice = before.map(PaymentState::initialPricePerUnit).orElse(price.pricePerUnit());
    long initialPixels =
        before.map(PaymentState::initialPixelsPerUnit).orElse(price.pixelsPerUnit());
    Optional<Fraction> asked = ceiling(request);
    if (initialPrice <= 0 || initialPixels <= 0) {
      throw new PaymentRefused(400, "invalid initial price in state");
    }
    Fraction initial = Fraction.of(initialPrice, initialPixels);
    checkPrice(draft, initial, asked);
    Fraction value = Ticket.value(draft.params().faceValue(), draft.params().winProb());
    Stage stage =
        Stage.of(
            before.map(PaymentState::balance).orElse(Fraction.ZERO),
            initial.times(Fraction.of(units)),
            value);
    int tickets = tickets(stage, value);
    BigInteger expectedValue = value.times(tickets).rounded();
    checkRegistry(draft.info());
    PaymentState after =
        new PaymentState(
            before.map(PaymentState::stateId).orElseGet(this::stateId),
            "0x" + HexFormat.of().formatHex(draft.params().recipientRandHash().toByteArray()),
            draft.now(),
            draft.orchestrator(),
            request.app(),
            0,
            0,
            stage.balance(),
            initialPrice,
            initialPixels,
            request.type(),
            before.map(state -> state.sequenceNumber() + 1).orElse(0L),
            "");
    return new TicketStore.Wanted(
        draft.caller(),
        before,
        after,
        draft.params(),
        price,
        round(draft.params(), draft.seen()),
        request.type(),
        units,
        tickets,
        expectedValue,
        cost(draft.caller(), expectedValue),
        draft.requestHash(),
        draft.now());
  }

  /** In dollars, where a tenant pays; without a price nobody can say what it owes. */
  private Optional<NanoUsd> cost(SignerCaller caller, BigInteger expectedValue) {
    if (caller.tenant().isEmpty()) {
      return Optional.empty();
    }
    NanoUsd cost =
        etherPrice
            .charged(new BigDecimal(expectedValue), config.markup())
            .orElseThrow(
                () -> new PaymentRefused(503, "price_unknown", "the price of ether is unknown"));
    return Optional.of(cost);
  }

  private void checkOrchestrator(Draft draft) {
    if (!draft.params().recipient().equals(draft.info().address())) {
      throw new PaymentRefused(403, "recipient", "the tickets' recipient is not the orchestrator");
    }
    boolean listed = allowed.map(set -> set.contains(draft.orchestrator())).orElse(true);
    if (!listed || denied.contains(draft.orchestrator())) {
      throw new PaymentRefused(403, "orchestrator_denied", "the orchestrator may not be paid");
    }
  }

  private void checkRegistry(OrchestratorInfo info) {
    if (!"registered".equals(config.orchestrators())) {
      return;
    }
    boolean registered =
        chain
            .isRegistered(new Address(info.address()))
            .orElseThrow(
                () -> new PaymentRefused(503, "registry_away", "the registry does not answer"));
    if (!registered) {
      throw new PaymentRefused(
          403, "orchestrator_unregistered", "the orchestrator is not registered on the chain");
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

  private void checkSession(
      OrchestratorInfo info, TicketParams params, ChainView.Snapshot seen, Instant now) {
    if (info.authToken().isEmpty()) {
      throw new PaymentRefused(400, CANNOT_CHECK + "missing auth token");
    }
    Optional<String> url = Optional.of(info.transcoder());
    if (now.plus(TOKEN_REFRESH).getEpochSecond() >= info.authTokenExpiration()) {
      throw new PaymentRefused(480, "refresh", "refresh session for remote signer", url);
    }
    if (params.expirationBlock().signum() == 0) {
      throw new PaymentRefused(400, CANNOT_CHECK + "ticketParams expiration block is 0");
    }
    if (isOver(params, seen)) {
      throw new PaymentRefused(480, "refresh", "refresh session for remote signer", url);
    }
    Fraction value = Ticket.value(params.faceValue(), params.winProb());
    if (value.signum() > 0) {
      checkValue(value, params, seen);
    }
  }

  private static boolean isOver(TicketParams params, ChainView.Snapshot seen) {
    return params.expirationBlock().subtract(seen.l1Block()).compareTo(BigInteger.ONE) <= 0;
  }

  private void checkValue(Fraction value, TicketParams params, ChainView.Snapshot seen) {
    if (value.compareTo(Fraction.of(params.faceValue())) >= 0) {
      throw new PaymentRefused(400, CANNOT_CHECK + "ticket faceValue too low");
    }
    if (value.compareTo(Fraction.of(config.maxTicketEv())) > 0) {
      throw new PaymentRefused(400, CANNOT_CHECK + "ticket EV higher than max EV");
    }
    boolean unlocking =
        seen.withdrawRound().signum() != 0
            && seen.withdrawRound().compareTo(BigInteger.valueOf(seen.lastInitializedRound() + 1))
                <= 0;
    if (unlocking) {
      throw new PaymentRefused(
          400,
          CANNOT_CHECK + "unable to validate sender: deposit and reserve is set to unlock soon");
    }
    if (seen.reserve().signum() == 0) {
      throw new PaymentRefused(400, CANNOT_CHECK + "no sender reserve");
    }
    if (seen.deposit().signum() == 0) {
      throw new PaymentRefused(400, CANNOT_CHECK + "no sender deposit");
    }
    if (params
            .faceValue()
            .multiply(BigInteger.valueOf(config.depositMultiplier()))
            .compareTo(seen.deposit())
        > 0) {
      throw new PaymentRefused(400, CANNOT_CHECK + "ticket faceValue higher than max faceValue");
    }
  }

  private static BigInteger units(
      PaymentRequest request, Optional<PaymentState> before, Instant now) {
    Duration elapsed =
        before.map(state -> Duration.between(state.lastUpdate(), now)).orElse(Duration.ZERO);
    BigInteger units =
        switch (request.type()) {
          case "lv2v" ->
              LV2V_PIXELS_PER_SECOND
                  .multiply(nanos(elapsed.isPositive() ? elapsed : LV2V_PRELOAD))
                  .divide(NANOS);
          case "live" ->
              new Fraction(nanos(elapsed.isPositive() ? elapsed : LIVE_PRELOAD), NANOS).ceiling();
          case "fixed" -> BigInteger.ONE;
          case "" -> BigInteger.valueOf(request.inPixels());
          default -> throw new PaymentRefused(400, "invalid job type");
        };
    if (units.signum() <= 0) {
      throw new PaymentRefused(400, "missing billable unit or job type");
    }
    return units;
  }

  private static BigInteger nanos(Duration duration) {
    return BigInteger.valueOf(duration.getSeconds())
        .multiply(NANOS)
        .add(BigInteger.valueOf(duration.getNano()));
  }

  private static Optional<Fraction> ceiling(PaymentRequest request) {
    if (request.maxPrice().isEmpty()) {
      return Optional.empty();
    }
    PaymentRequest.MaxPrice max = request.maxPrice().get();
    String unit =
        switch (request.type()) {
          case "lv2v" -> "720p-pixel-seconds";
          case "live" -> "seconds";
          case "fixed" -> "fixed";
          default -> throw new PaymentRefused(400, "maxPrice needs a job type");
        };
    if (!"wei".equals(max.currency()) || !unit.equals(max.unit())) {
      throw new PaymentRefused(400, "maxPrice needs currency wei and unit " + unit);
    }
    return Optional.of(
        Fraction.of(
            max.value().orElseThrow(() -> new PaymentRefused(400, "maxPrice must be above zero"))));
  }

  private void checkPrice(Draft draft, Fraction initial, Optional<Fraction> asked) {
    PriceInfo price = draft.price();
    Fraction current = Fraction.of(price.pricePerUnit(), price.pixelsPerUnit());
    Optional<BigDecimal> everybody = ceilings.of(draft.models());
    Optional<BigDecimal> tier =
        Optional.ofNullable(config.tiers().get(draft.caller().tier()))
            .map(of -> new PriceCeilings(of.maxPricePerCapability(), of.maxPricePerUnit()))
            .flatMap(of -> of.of(draft.models()));
    checkCeiling(current, "configured", everybody.map(Fraction::of));
    checkCeiling(current, "configured", tier.map(Fraction::of));
    checkCeiling(current, "request", asked);
    checkCeiling(current, "initial session", Optional.of(initial));
  }

  private static void checkCeiling(Fraction price, String source, Optional<Fraction> ceiling) {
    if (ceiling.isPresent() && price.compareTo(ceiling.get()) > 0) {
      throw new PaymentRefused(
          481,
          "price",
          "orchestrator price %s exceeds %s ceiling %s"
              .formatted(price.display(), source, ceiling.get().display()));
    }
  }

  private int tickets(Stage stage, Fraction value) {
    if (stage.tickets().signum() == 0) {
      throw new PaymentRefused(482, "no_tickets", "no tickets");
    }
    if (stage.tickets().compareTo(BigInteger.valueOf(MAX_TICKETS)) > 0) {
      throw new PaymentRefused(
          400, "numTickets " + stage.tickets() + " exceeds maximum of " + MAX_TICKETS);
    }
    int tickets = stage.tickets().intValueExact();
    if (value.times(tickets).compareTo(Fraction.of(config.maxTotalEv())) > 0) {
      // A cap of ours and no fault of ours: go-livepeer's 500 would hide which.
      throw new PaymentRefused(
          400, "call_cap", "total ticket EV is higher than the signer's max total EV");
    }
    return tickets;
  }

  /** The round the orchestrator chose, else the newest. */
  private static ChainView.Snapshot round(TicketParams params, ChainView.Snapshot seen) {
    boolean chosen =
        params.creationRound() != 0
            && params.creationRoundBlockHash().size() == 32
            && !params.creationRoundBlockHash().equals(ByteString.copyFrom(new byte[32]));
    return chosen
        ? new ChainView.Snapshot(
            seen.seenAt(),
            seen.l1Block(),
            seen.deposit(),
            seen.withdrawRound(),
            seen.reserve(),
            params.creationRound(),
            params.creationRoundBlockHash())
        : seen;
  }

  /** Everything signed here is committed already. */
  private PaymentOutcome sign(Draft draft, TicketStore.Batch batch) {
    ByteString sender = wallet.address().bytes();
    TicketParams params = batch.params();
    List<Payment.SignedNonce> tickets = new ArrayList<>();
    Ticket.Series series =
        Ticket.series(
            params.recipient(),
            sender,
            params.faceValue(),
            params.winProb(),
            params.recipientRandHash(),
            batch.creationRound(),
            batch.creationRoundBlockHash());
    for (int at = 0; at < batch.tickets(); at++) {
      int nonce = batch.firstNonce() + at;
      tickets.add(new Payment.SignedNonce(nonce, wallet.sign(series.hash(nonce))));
    }
    Payment payment =
        new Payment(
            params,
            sender,
            batch.creationRound(),
            batch.creationRoundBlockHash(),
            tickets,
            batch.priceInfo());
    SegmentCredentials credentials =
        new SegmentCredentials(draft.manifestId(), draft.capabilities(), draft.info().authToken());
    byte[] state = batch.state().getBytes(StandardCharsets.UTF_8);
    return new PaymentOutcome.Paid(
        base64(payment.write()),
        base64(credentials.write(wallet.sign(credentials.hash()))),
        Base64.getEncoder().encodeToString(state),
        base64(wallet.sign(state)));
  }

  private String eightHex() {
    return HexFormat.of().toHexDigits(random.nextInt());
  }

  /** Longer than go-livepeer's eight digits: here it is a key for ever. */
  private String stateId() {
    return HexFormat.of().toHexDigits(random.nextLong())
        + HexFormat.of().toHexDigits(random.nextLong());
  }

  private static String base64(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
