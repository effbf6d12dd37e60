package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.contracts.money.NanoUsd;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Checks payments that go together, one after the other, on what is locked for them: each sees what
 * those before it have taken. Plain arithmetic; what it changes is saved by whoever locked it.
 */
final class GroupCheck {
  static final int MAX_NONCE = 600;

  private static final CommitResult.Refused USED =
      new CommitResult.Refused(400, "state_used", "the state was used before");

  static final class Session {
    final String caller;
    long sequence;
    BigInteger spent;
    TicketStore.Batch last;

    Session(String caller, long sequence, BigInteger spent, TicketStore.Batch last) {
      this.caller = caller;
      this.sequence = sequence;
      this.spent = spent;
      this.last = last;
    }
  }

  private final SignerConfig config;
  private final Caps caps;
  private final NanoUsd hold;
  private final Set<String> stops;
  private final Function<AccountRef, BigInteger> balances;
  final Map<String, Session> sessions;
  final Map<ByteString, Integer> nonces;
  final Map<Caps.Window, BigInteger> spent;

  /** What each tenant pays, collected from its payments. */
  final Map<String, Journal.Lines> lines = new LinkedHashMap<>();

  GroupCheck(
      SignerConfig config,
      Set<String> stops,
      Map<String, Session> sessions,
      Map<ByteString, Integer> nonces,
      Map<Caps.Window, BigInteger> spent,
      Function<AccountRef, BigInteger> balances) {
    this.config = config;
    this.caps = new Caps(config);
    this.hold = NanoUsd.rounded(config.holdUsd());
    this.stops = stops;
    this.sessions = sessions;
    this.nonces = nonces;
    this.spent = spent;
    this.balances = balances;
  }

  static List<Caps.Window> windows(TicketStore.Wanted one) {
    return Caps.windows(one.caller(), one.after().orchestratorAddress(), one.now());
  }

  /** Checks one payment on what is locked, and changes it there when it passes. */
  CommitResult decide(TicketStore.Wanted one) {
    if (KillSwitches.hits(stops, one.caller(), one.after().orchestratorAddress())) {
      return stopped();
    }
    Session session = null;
    if (one.before().isPresent()) {
      PaymentState before = one.before().get();
      session = sessions.get(before.stateId());
      if (session == null) {
        return new CommitResult.Refused(400, "state_unknown", "unknown state");
      }
      if (!session.caller.equals(one.caller().name())) {
        return new CommitResult.Refused(403, "state_of_another", "the state belongs to another caller");
      }
      if (session.sequence != before.sequenceNumber()) {
        // Whoever lost an answer asks again with the state it has, perhaps with what its
        // orchestrator says by now: it gets the payment that state has led to, and never another.
        return follows(session, before) ? new CommitResult.Repeated(session.last) : USED;
      }
    }
    ByteString hash = one.params().recipientRandHash();
    int last = nonces.get(hash);
    if (last + one.tickets() > MAX_NONCE) {
      // The orchestrator would refuse the nonces; fresh parameters begin at one again.
      return new CommitResult.Refused(480, "nonces_used_up", "refresh session for remote signer");
    }
    BigInteger sessionSpent =
        (session == null ? BigInteger.ZERO : session.spent).add(one.expectedValue());
    if (sessionSpent.compareTo(config.maxSessionEv()) > 0) {
      return new CommitResult.Refused(429, "session_cap", "the session's budget is used up");
    }
    List<Caps.Window> windows = windows(one);
    String passed = caps.passed(windows, spent, one.expectedValue());
    if (passed != null) {
      return new CommitResult.Refused(
          429, "cap_" + passed.replace(' ', '_'), "the " + passed + " budget is used up");
    }
    if (one.cost().isPresent()
        && !pay(
            one,
            lines.computeIfAbsent(one.caller().tenant().orElseThrow(), t -> new Journal.Lines()))) {
      return new CommitResult.Refused(402, "balance", "the tenant's balance is too low");
    }
    windows.forEach(window -> spent.merge(window, one.expectedValue(), BigInteger::add));
    nonces.put(hash, last + one.tickets());
    PaymentState state = one.after().withNonce(last + (long) one.tickets());
    Session now =
        session == null ? new Session(one.caller().name(), 0, BigInteger.ZERO, null) : session;
    now.sequence = state.sequenceNumber();
    now.spent = sessionSpent;
    now.last =
        new TicketStore.Batch(
            last + 1,
            one.tickets(),
            one.round().lastInitializedRound(),
            one.round().roundBlockHash(),
            one.requestHash(),
            one.params(),
            one.price().raw(),
            state.text());
    sessions.put(state.stateId(), now);
    return new CommitResult.Granted(now.last);
  }

  static CommitResult.Refused stopped() {
    return new CommitResult.Refused(403, "stopped", "signing is stopped");
  }

  /** Pays from the session's money, which is renewed from the tenant's credit. */
  private boolean pay(TicketStore.Wanted one, Journal.Lines journal) {
    String tenant = one.caller().tenant().orElseThrow();
    AccountRef credit = AccountRef.credit(tenant);
    AccountRef held = AccountRef.held(one.after().stateId());
    NanoUsd cost = one.cost().orElseThrow();
    NanoUsd credited = now(journal, credit);
    NanoUsd there = now(journal, held);
    NanoUsd renewal = NanoUsd.ZERO;
    if (there.compareTo(cost) < 0) {
      renewal = cost.minus(there).max(hold).min(credited);
      if (there.plus(renewal).compareTo(cost) < 0) {
        return false;
      }
    }
    journal
        .add(credit, renewal.negated())
        .add(held, renewal.minus(cost))
        .add(AccountRef.revenue(tenant), cost);
    return true;
  }

  /** What an account will have when the lines collected so far are booked. */
  private NanoUsd now(Journal.Lines journal, AccountRef account) {
    BigInteger balance = balances.apply(account);
    for (Journal.Line line : journal.list()) {
      if (line.account().equals(account)) {
        balance = balance.add(line.amount());
      }
    }
    return NanoUsd.ofNanos(balance.longValueExact());
  }

  /** Whether the state is the one before the session's last payment. */
  static boolean follows(Session session, PaymentState before) {
    return session.sequence == before.sequenceNumber() + 1 && session.last != null;
  }
}
