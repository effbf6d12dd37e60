package io.naap.clearinghouse.signer;

import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.signer.wire.OrchestratorInfo;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.clearinghouse.wallet.Address;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What may be paid at all, by go-livepeer's rules and ours, as far as one payment alone can tell:
 * whom, at which price, for how many units, and with how many tickets.
 */
final class PaymentRules {
  /** One second of 720p at 30 frames. */
  private static final BigInteger LV2V_PIXELS_PER_SECOND = BigInteger.valueOf(1280L * 720 * 30);

  private static final Duration LV2V_PRELOAD = Duration.ofSeconds(60);
  private static final Duration LIVE_PRELOAD = Duration.ofSeconds(10);
  private static final Duration TOKEN_REFRESH = Duration.ofMinutes(3);
  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);
  private static final int MAX_TICKETS = 100;
  private static final String CANNOT_CHECK =
      "remote signer could not check whether to refresh session: ";

  private final SignerConfig config;
  private final ChainView chain;
  private final SeenPrices prices;
  private final Optional<Set<String>> allowed;
  private final Set<String> denied;
  private final PriceCeilings ceilings;

  PaymentRules(SignerConfig config, ChainView chain, SeenPrices prices) {
    this.config = config;
    this.chain = chain;
    this.prices = prices;
    this.allowed = config.allowedOrchestrators().map(PaymentRules::addresses);
    this.denied = config.deniedOrchestrators().map(PaymentRules::addresses).orElse(Set.of());
    this.ceilings = new PriceCeilings(config.maxPricePerCapability(), config.maxPricePerUnit());
  }

  private static Set<String> addresses(Set<String> given) {
    return given.stream().map(a -> Address.parse(a).lowerCase()).collect(Collectors.toSet());
  }

  void checkOrchestrator(PaymentDraft draft) {
    if (!draft.params().recipient().equals(draft.info().address())) {
      throw new PaymentRefused(403, "recipient", "the tickets' recipient is not the orchestrator");
    }
    boolean listed = allowed.map(set -> set.contains(draft.orchestrator())).orElse(true);
    if (!listed || denied.contains(draft.orchestrator())) {
      throw new PaymentRefused(403, "orchestrator_denied", "the orchestrator may not be paid");
    }
  }

  void checkRegistry(OrchestratorInfo info) {
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

  void checkSession(
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

  static boolean isOver(TicketParams params, ChainView.Snapshot seen) {
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

  static BigInteger units(PaymentRequest request, Optional<PaymentState> before, Instant now) {
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

  static Optional<Fraction> ceiling(PaymentRequest request) {
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

  void checkPrice(PaymentDraft draft, Fraction initial, Optional<Fraction> asked) {
    PriceInfo price = draft.price();
    Fraction current = Fraction.of(price.pricePerUnit(), price.pixelsPerUnit());
    prices.saw(
        draft.caller().name(), draft.info().transcoder(), draft.models(), current, draft.now());
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

  int tickets(Stage stage, Fraction value) {
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
}
