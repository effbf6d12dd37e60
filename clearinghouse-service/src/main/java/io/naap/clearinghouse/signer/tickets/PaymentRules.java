package io.naap.clearinghouse.signer.tickets;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Posting;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.killswitch.ActiveStops;
import io.naap.clearinghouse.signer.protocol.PaymentRefusal;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.contracts.money.NanoUsd;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The safety rules of the signer: kill switches, one payment for each state, nonces, caps and the
 * tenant's money. Decides the payments of one transaction one after the other, on rows that the
 * transaction has locked; each payment sees what the ones before it have taken. Nothing is written
 * here: {@link CheckedCommit} saves the changed state. {@link FastCommit} states the same rules as
 * conditions in SQL; a property test holds the two equal.
 */
final class PaymentRules {
  /** An orchestrator refuses higher nonces under one secret. */
  static final int MAX_NONCE = 600;

  /** A session as it is recorded. */
  static final class Session {
    final String caller;
    long sequence;
    BigInteger spent;

    /** The batch of the session's last payment; null when Postgres has it no more. */
    TicketBatch last;

    Session(String caller, long sequence, BigInteger spent, TicketBatch last) {
      this.caller = caller;
      this.sequence = sequence;
      this.spent = spent;
      this.last = last;
    }

    /** True when the state is the one before the session's last payment. */
    boolean follows(PaymentState before) {
      return sequence == before.sequenceNumber() + 1 && last != null;
    }
  }

  /** The locked rows that payments are decided on; they are changed as payments pass. */
  record State(
      ActiveStops stops,
      Map<String, Session> sessions,
      Map<ByteString, Integer> nonces,
      Map<Caps.Window, BigInteger> spent,
      Function<AccountRef, BigInteger> balances) {}

  private final SignerConfig config;
  private final Caps caps;
  private final NanoUsd hold;
  private final State state;

  /** The postings of each tenant, collected from its payments. */
  private final Map<String, Postings> postings = new LinkedHashMap<>();

  PaymentRules(SignerConfig config, State state) {
    this.config = config;
    this.caps = new Caps(config);
    this.hold = NanoUsd.rounded(config.holdUsd());
    this.state = state;
  }

  static CommitResult.Refused stopped() {
    return CommitResult.Refused.of(403, "stopped", "signing is stopped");
  }

  /** What a tenant pays for all payments that passed. */
  List<Posting> postings(String tenant) {
    return postings.get(tenant).summed();
  }

  /** Decides one payment, and changes the state when it passes. */
  CommitResult decide(PaymentToRecord payment) {
    if (state.stops().stop(payment.caller(), payment.orchestrator())) {
      return stopped();
    }
    if (payment.before().isPresent()) {
      Optional<CommitResult> ended = continuation(payment, payment.before().get());
      if (ended.isPresent()) {
        return ended.get();
      }
    }
    Session session =
        payment.before().map(before -> state.sessions().get(before.stateId())).orElse(null);
    BigInteger sessionSpent =
        (session == null ? BigInteger.ZERO : session.spent).add(payment.fee().expectedValue());
    Optional<PaymentRefusal> refused = refuseCaps(payment, sessionSpent);
    if (refused.isPresent()) {
      return new CommitResult.Refused(refused.get());
    }
    if (payment.fee().cost().isPresent() && !pay(payment)) {
      return CommitResult.Refused.of(402, "balance", "the tenant's balance is too low");
    }
    return grant(payment, session, sessionSpent);
  }

  /** The answer to a payment that does not continue its session; absent when it does. */
  private Optional<CommitResult> continuation(PaymentToRecord payment, PaymentState before) {
    Session session = state.sessions().get(before.stateId());
    if (session == null) {
      return Optional.of(CommitResult.Refused.of(400, "state_unknown", "unknown state"));
    }
    if (!session.caller.equals(payment.caller().name())) {
      return Optional.of(
          CommitResult.Refused.of(403, "state_of_another", "the state belongs to another caller"));
    }
    if (session.sequence == before.sequenceNumber()) {
      return Optional.empty();
    }
    // A caller that lost an answer sends its state again, perhaps with newer parameters of its
    // orchestrator: it gets the payment that the state led to, and never another one.
    return Optional.of(
        session.follows(before)
            ? new CommitResult.Repeated(session.last)
            : CommitResult.Refused.of(400, "state_used", "the state was used before"));
  }

  private Optional<PaymentRefusal> refuseCaps(PaymentToRecord payment, BigInteger sessionSpent) {
    int lastNonce = state.nonces().get(payment.recipientRandHash());
    if (lastNonce + payment.fee().tickets() > MAX_NONCE) {
      // The caller gets fresh parameters of its orchestrator; their nonces begin at one again.
      return Optional.of(
          PaymentRefusal.of(
              PaymentRefusal.REFRESH, "nonces_used_up", "refresh session for remote signer"));
    }
    if (sessionSpent.compareTo(config.maxSessionEv()) > 0) {
      return Optional.of(PaymentRefusal.of(429, "session_cap", "the session's budget is used up"));
    }
    return caps.passed(payment.windows(), state.spent(), payment.fee().expectedValue())
        .map(
            window -> {
              String scope = window.scope().wireName();
              String span = window.span().wireName();
              return PaymentRefusal.of(
                  429,
                  "cap_" + scope + "_" + span,
                  "the " + scope + " " + span + " budget is used up");
            });
  }

  private CommitResult grant(PaymentToRecord payment, Session session, BigInteger sessionSpent) {
    BigInteger value = payment.fee().expectedValue();
    payment.windows().forEach(window -> state.spent().merge(window, value, BigInteger::add));
    int lastNonce = state.nonces().get(payment.recipientRandHash());
    state.nonces().put(payment.recipientRandHash(), lastNonce + payment.fee().tickets());
    TicketBatch batch = payment.batch(lastNonce);
    Session now =
        session == null ? new Session(payment.caller().name(), 0, BigInteger.ZERO, null) : session;
    now.sequence = payment.after().sequenceNumber();
    now.spent = sessionSpent;
    now.last = batch;
    state.sessions().put(payment.stateId(), now);
    return new CommitResult.Granted(batch);
  }

  /** Pays from the session's hold, which is renewed from the tenant's credit when it is too low. */
  private boolean pay(PaymentToRecord payment) {
    String tenant = payment.payer().orElseThrow();
    AccountRef credit = AccountRef.credit(tenant);
    AccountRef held = AccountRef.held(payment.stateId());
    NanoUsd cost = payment.fee().cost().orElseThrow();
    Postings collected = postings.computeIfAbsent(tenant, ignored -> new Postings());
    Optional<NanoUsd> renewal =
        HoldRenewal.of(cost, balance(collected, held), balance(collected, credit), hold);
    if (renewal.isEmpty()) {
      return false;
    }
    collected
        .add(credit, renewal.get().negated())
        .add(held, renewal.get().minus(cost))
        .add(AccountRef.revenue(tenant), cost);
    return true;
  }

  /** An account's balance once the postings collected so far are booked. */
  private NanoUsd balance(Postings collected, AccountRef account) {
    BigInteger balance = state.balances().apply(account);
    for (Posting posting : collected.list()) {
      if (posting.account().equals(account)) {
        balance = balance.add(posting.amount());
      }
    }
    return NanoUsd.ofNanos(balance.longValueExact());
  }
}
