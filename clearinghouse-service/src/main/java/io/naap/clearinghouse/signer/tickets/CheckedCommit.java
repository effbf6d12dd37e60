package io.naap.clearinghouse.signer.tickets;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.killswitch.KillSwitches;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.store.Tx;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Records payments in one transaction: locks the rows they concern, decides each by {@link
 * PaymentRules}, and writes those that pass.
 */
final class CheckedCommit {
  private final SignerConfig config;
  private final Ids ids;

  CheckedCommit(SignerConfig config, Ids ids) {
    this.config = config;
    this.ids = ids;
  }

  /** The results in the order of the payments. */
  List<CommitResult> record(LedgerTransaction transaction, List<PaymentToRecord> payments) {
    PaymentRules.State state = lock(transaction, payments);
    PaymentRules rules = new PaymentRules(config, state);
    List<CommitResult> results = new ArrayList<>();
    List<TicketTable.Written> written = new ArrayList<>();
    for (PaymentToRecord payment : payments) {
      CommitResult result = rules.decide(payment);
      results.add(result);
      if (result instanceof CommitResult.Granted granted) {
        written.add(new TicketTable.Written(payment, ids.next(IdKind.TICKET), granted.batch()));
      }
    }
    if (!written.isEmpty()) {
      write(transaction, written, rules, state);
    }
    return results;
  }

  private static PaymentRules.State lock(
      LedgerTransaction transaction, List<PaymentToRecord> payments) {
    Tx tx = transaction.tx();
    TicketTable.sendSettings(tx);
    Tx.Sent stops = KillSwitches.send(tx);
    List<String> stateIds =
        payments.stream()
            .flatMap(payment -> payment.before().stream())
            .map(PaymentState::stateId)
            .toList();
    Tx.Sent sessionRows = TicketTable.sendSessions(tx, stateIds, "for update of s");
    Tx.Sent nonceRows = TicketTable.sendNonces(tx, payments);
    Set<Caps.Window> windows = new LinkedHashSet<>();
    payments.forEach(payment -> windows.addAll(payment.windows()));
    Map<Caps.Window, BigInteger> spent = TicketTable.lockSpends(tx, windows);
    Map<String, PaymentRules.Session> sessions = new HashMap<>();
    sessionRows
        .rows()
        .forEach(row -> sessions.put(row.getString("state_id"), TicketTable.session(row)));
    lockAccounts(transaction, payments);
    return new PaymentRules.State(
        KillSwitches.read(stops.rows()),
        sessions,
        TicketTable.nonces(nonceRows.rows()),
        spent,
        transaction::balance);
  }

  /** Only tenants' money moves here; {@link TicketPosting} posts the tickets' expected value. */
  private static void lockAccounts(LedgerTransaction transaction, List<PaymentToRecord> payments) {
    List<AccountRef> credits = new ArrayList<>();
    List<AccountRef> others = new ArrayList<>();
    for (PaymentToRecord payment : payments) {
      payment
          .payer()
          .ifPresent(
              tenant -> {
                credits.add(AccountRef.credit(tenant));
                others.add(AccountRef.held(payment.stateId()));
                others.add(AccountRef.revenue(tenant));
              });
    }
    transaction.lock(credits);
    transaction.lock(others);
  }

  /** Books one journal for each tenant: the tickets of all its payments. */
  private static void write(
      LedgerTransaction transaction,
      List<TicketTable.Written> written,
      PaymentRules rules,
      PaymentRules.State state) {
    Map<String, String> journals = new HashMap<>();
    for (TicketTable.Written one : written) {
      one.payment()
          .caller()
          .tenant()
          .ifPresent(
              tenant ->
                  journals.computeIfAbsent(tenant, payer -> book(transaction, payer, one, rules)));
    }
    transaction.send();
    TicketTable.save(transaction.tx(), written, state, journals);
  }

  private static String book(
      LedgerTransaction transaction, String tenant, TicketTable.Written first, PaymentRules rules) {
    PostingResult result =
        transaction.book(
            new Journal(
                "signed:" + first.id(),
                "signed",
                Optional.of(tenant),
                first.payment().now(),
                "tickets signed for a program of the tenant",
                rules.postings(tenant)));
    if (!(result instanceof PostingResult.Booked booked)) {
      throw new IllegalStateException("tickets could not be booked: " + result);
    }
    return booked.journalId();
  }
}
