package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.ledger.Books;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.signer.wire.OrchestratorInfo;
import io.naap.clearinghouse.signer.wire.Payment;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.SegmentCredentials;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Wallet;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

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
  private static final int MAX_NONCE = 600;
  private static final String CANNOT_CHECK =
      "remote signer could not check whether to refresh session: ";

  private final Wallet wallet;
  private final ChainView chain;
  private final Ledger ledger;
  private final TicketStore store;
  private final SignerConfig config;
  private final Clock clock;
  private final RandomGenerator random;

  LivePayments(
      Wallet wallet,
      ChainView chain,
      Ledger ledger,
      TicketStore store,
      SignerConfig config,
      Clock clock,
      RandomGenerator random) {
    this.wallet = wallet;
    this.chain = chain;
    this.ledger = ledger;
    this.store = store;
    this.config = config;
    this.clock = clock;
    this.random = random;
  }

  /** What one call comes to, recorded and not yet signed. */
  private record Plan(
      OrchestratorInfo info,
      TicketParams params,
      PriceInfo price,
      ChainView.Snapshot round,
      int firstNonce,
      int tickets,
      SegmentCredentials credentials,
      PaymentState state) {}

  PaymentOutcome pay(SignerCaller caller, String body) {
    try {
      return sign(plan(caller, body));
    } catch (PaymentRefused refused) {
      return refused.outcome();
    }
  }

  private Plan plan(SignerCaller caller, String body) {
    PaymentRequest request = read(body);
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
        chain.latest().orElseThrow(() -> new PaymentRefused(503, "the chain view is stale"));
    return ledger.transact(books -> record(books, caller, request, info, price, params, seen));
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

  /** Runs in the transaction; a refusal rolls it back. */
  private Plan record(
      Books books,
      SignerCaller caller,
      PaymentRequest request,
      OrchestratorInfo info,
      PriceInfo price,
      TicketParams params,
      ChainView.Snapshot seen) {
    Instant now = clock.instant();
    store.lock(books, caller);
    String orchestrator = new Address(info.address()).lowerCase();
    Optional<PaymentState> before = state(books, caller, request, orchestrator);
    String manifestId = manifestId(request, before.isPresent());
    Optional<ByteString> capabilities = capabilities(request);
    int nonce = store.lastNonce(books, params.recipientRandHash());
    checkSession(info, params, seen, now);
    BigInteger units = units(request, before, now);
    long initialPrice = before.map(PaymentState::initialPricePerUnit).orElse(price.pricePerUnit());
    long initialPixels =
        before.map(PaymentState::initialPixelsPerUnit).orElse(price.pixelsPerUnit());
    Optional<Fraction> asked = ceiling(request);
    if (initialPrice <= 0 || initialPixels <= 0) {
      throw new PaymentRefused(400, "invalid initial price in state");
    }
    Fraction initial = Fraction.of(initialPrice, initialPixels);
    checkPrice(price, initial, asked);
    Fraction value = Ticket.value(params.faceValue(), params.winProb());
    Stage stage =
        Stage.of(
            before.map(PaymentState::balance).orElse(Fraction.ZERO),
            initial.times(Fraction.of(units)),
            value);
    int tickets = tickets(stage, value, nonce, info);
    BigInteger expectedValue = value.times(tickets).rounded();
    PaymentState after =
        new PaymentState(
            before.map(PaymentState::stateId).orElseGet(this::eightHex),
            "0x" + HexFormat.of().formatHex(params.recipientRandHash().toByteArray()),
            now,
            orchestrator,
            request.app(),
            0,
            nonce + (long) tickets,
            stage.balance(),
            initialPrice,
            initialPixels,
            request.type(),
            before.map(state -> state.sequenceNumber() + 1).orElse(0L),
            "");
    ChainView.Snapshot round = round(params, seen);
    if (store.issuedToday(books, caller, now).add(expectedValue).compareTo(config.maxDailyEv())
        > 0) {
      throw new PaymentRefused(429, "the caller's daily budget is used up");
    }
    store.record(
        books,
        new TicketStore.Batch(
            caller,
            after,
            params,
            price,
            round,
            request.type(),
            units,
            nonce,
            tickets,
            expectedValue,
            now));
    return new Plan(
        info,
        params,
        price,
        round,
        nonce + 1,
        tickets,
        new SegmentCredentials(manifestId, capabilities, info.authToken()),
        after);
  }

  /** The session a valid state continues; a state made for another orchestrator begins anew. */
  private Optional<PaymentState> state(
      Books books, SignerCaller caller, PaymentRequest request, String orchestrator) {
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
    store.claim(books, caller, state);
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

  private static Optional<ByteString> capabilities(PaymentRequest request) {
    try {
      if (request.capabilities().isPresent()) {
        OrchestratorInfo.checkCapabilities(request.capabilities().get());
      }
      return request.capabilities();
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
      throw new PaymentRefused(480, "refresh session for remote signer", url);
    }
    if (params.expirationBlock().signum() == 0) {
      throw new PaymentRefused(400, CANNOT_CHECK + "ticketParams expiration block is 0");
    }
    if (params.expirationBlock().subtract(seen.l1Block()).compareTo(BigInteger.ONE) <= 0) {
      throw new PaymentRefused(480, "refresh session for remote signer", url);
    }
    Fraction value = Ticket.value(params.faceValue(), params.winProb());
    if (value.signum() > 0) {
      checkValue(value, params, seen);
    }
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

  private void checkPrice(PriceInfo price, Fraction initial, Optional<Fraction> asked) {
    Fraction current = Fraction.of(price.pricePerUnit(), price.pixelsPerUnit());
    checkCeiling(current, "configured", config.maxPricePerUnit().map(Fraction::of));
    checkCeiling(current, "request", asked);
    checkCeiling(current, "initial session", Optional.of(initial));
  }

  private static void checkCeiling(Fraction price, String source, Optional<Fraction> ceiling) {
    if (ceiling.isPresent() && price.compareTo(ceiling.get()) > 0) {
      throw new PaymentRefused(
          481,
          "orchestrator price %s exceeds %s ceiling %s"
              .formatted(price.display(), source, ceiling.get().display()));
    }
  }

  private int tickets(Stage stage, Fraction value, int nonce, OrchestratorInfo info) {
    if (stage.tickets().signum() == 0) {
      throw new PaymentRefused(482, "no tickets");
    }
    if (stage.tickets().compareTo(BigInteger.valueOf(MAX_TICKETS)) > 0) {
      throw new PaymentRefused(
          400, "numTickets " + stage.tickets() + " exceeds maximum of " + MAX_TICKETS);
    }
    int tickets = stage.tickets().intValueExact();
    if (nonce + tickets > MAX_NONCE) {
      // The orchestrator would refuse the nonces; fresh parameters begin at one again.
      throw new PaymentRefused(
          480, "refresh session for remote signer", Optional.of(info.transcoder()));
    }
    if (value.times(tickets).compareTo(Fraction.of(config.maxTotalEv())) > 0) {
      throw new PaymentRefused(500, "total ticket EV higher than max total EV");
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
  private PaymentOutcome sign(Plan plan) {
    ByteString sender = wallet.address().bytes();
    List<Payment.SignedNonce> tickets = new ArrayList<>();
    for (int at = 0; at < plan.tickets(); at++) {
      int nonce = plan.firstNonce() + at;
      Ticket ticket =
          new Ticket(
              plan.params().recipient(),
              sender,
              plan.params().faceValue(),
              plan.params().winProb(),
              nonce,
              plan.params().recipientRandHash(),
              plan.round().lastInitializedRound(),
              plan.round().roundBlockHash());
      tickets.add(new Payment.SignedNonce(nonce, wallet.sign(ticket.hash())));
    }
    Payment payment =
        new Payment(
            plan.params(),
            sender,
            plan.round().lastInitializedRound(),
            plan.round().roundBlockHash(),
            tickets,
            plan.price());
    byte[] state = plan.state().write();
    return new PaymentOutcome.Paid(
        base64(payment.write()),
        base64(plan.credentials().write(wallet.sign(plan.credentials().hash()))),
        Base64.getEncoder().encodeToString(state),
        base64(wallet.sign(state)));
  }

  private String eightHex() {
    return HexFormat.of().toHexDigits(random.nextInt());
  }

  private static String base64(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
