package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides what to pay an orchestrator, records it, and only then signs. The order of checks is
 * go-livepeer's, because clients tell errors apart by which comes first.
 */
final class LivePayments {
  private final TicketStore store;
  private final EtherPrice etherPrice;
  private final SignerConfig config;
  private final ClearinghouseMetrics metrics;
  private final RandomGenerator random;
  private final PaymentReading reading;
  private final PaymentRules rules;
  private final PaymentSigning signing;

  LivePayments(
      Wallet wallet,
      ChainView chain,
      TicketStore store,
      EtherPrice etherPrice,
      SignerConfig config,
      SeenPrices prices,
      ClearinghouseMetrics metrics,
      Clock clock,
      RandomGenerator random) {
    this.store = store;
    this.etherPrice = etherPrice;
    this.config = config;
    this.metrics = metrics;
    this.random = random;
    this.reading = new PaymentReading(wallet, chain, clock, random);
    this.rules = new PaymentRules(config, chain, prices);
    this.signing = new PaymentSigning(wallet);
  }

  PaymentOutcome pay(SignerCaller caller, String body) {
    try {
      PaymentDraft draft = reading.read(caller, body);
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
  private PaymentOutcome record(PaymentDraft draft) {
    TicketStore.Wanted wanted;
    try {
      wanted = wanted(draft);
    } catch (PaymentRefused refused) {
      Optional<CommitResult> before =
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

  private PaymentOutcome answer(PaymentDraft draft, CommitResult recorded) {
    return switch (recorded) {
      case CommitResult.Granted granted -> {
        metrics.ticketsSigned(granted.batch().tickets(), false);
        yield signing.sign(draft, granted.batch());
      }
      case CommitResult.Repeated repeated -> {
        if (PaymentRules.isOver(repeated.batch().params(), draft.seen())) {
          // What was lost is worth nothing any more: the stream goes on as a new session.
          yield record(draft.anew());
        }
        metrics.ticketsSigned(repeated.batch().tickets(), true);
        yield signing.sign(draft, repeated.batch());
      }
      case CommitResult.Refused refused ->
          throw new PaymentRefused(
              refused.status(),
              refused.reason(),
              refused.message(),
              refused.status() == 480 ? Optional.of(draft.info().transcoder()) : Optional.empty());
    };
  }

  /** All that can be decided without what other payments have done. */
  private TicketStore.Wanted wanted(PaymentDraft draft) {
    PaymentRequest request = draft.request();
    rules.checkOrchestrator(draft);
    rules.checkSession(draft.info(), draft.params(), draft.seen(), draft.now());
    Optional<PaymentState> before = draft.before();
    BigInteger units = PaymentRules.units(request, before, draft.now());
    PriceInfo price = draft.price();
    long initialPrice = before.map(PaymentState::initialPricePerUnit).orElse(price.pricePerUnit());
    long initialPixels =
        before.map(PaymentState::initialPixelsPerUnit).orElse(price.pixelsPerUnit());
    Optional<Fraction> asked = PaymentRules.ceiling(request);
    if (initialPrice <= 0 || initialPixels <= 0) {
      throw new PaymentRefused(400, "invalid initial price in state");
    }
    Fraction initial = Fraction.of(initialPrice, initialPixels);
    rules.checkPrice(draft, initial, asked);
    Fraction value = Ticket.value(draft.params().faceValue(), draft.params().winProb());
    Stage stage =
        Stage.of(
            before.map(PaymentState::balance).orElse(Fraction.ZERO),
            initial.times(Fraction.of(units)),
            value);
    int tickets = rules.tickets(stage, value);
    BigInteger expectedValue = value.times(tickets).rounded();
    rules.checkRegistry(draft.info());
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

  /** Longer than go-livepeer's eight digits: here it is a key for ever. */
  private String stateId() {
    return HexFormat.of().toHexDigits(random.nextLong())
        + HexFormat.of().toHexDigits(random.nextLong());
  }
}
