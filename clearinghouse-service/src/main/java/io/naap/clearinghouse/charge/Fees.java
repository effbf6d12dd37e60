package io.naap.clearinghouse.charge;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.stream.Events;
import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.stream.StreamReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Books what tenants owe beside their jobs, or get back: once per event. A fee is taken from credit
 * and the rest is owed; what comes back pays the debt first.
 */
@ApplicationScoped
public class Fees {
  private static final Logger LOG = Logger.getLogger(Fees.class);
  private static final String TAX = "tax";

  private final Ledger ledger;
  private final IdleMoney idleMoney;

  Fees(Ledger ledger, IdleMoney idleMoney) {
    this.ledger = ledger;
    this.idleMoney = idleMoney;
  }

  void take(List<StreamReader.Entry> entries) {
    Events<FeeCharged> events =
        Events.read(entries, FeeCharged.class, FeeCharged::eventId, Fees::isSensible);
    freeMoney(events.byId().values());
    ledger.transact(
        books -> {
          events.setApart(books.tx());
          List<FeeCharged> fees = List.copyOf(events.byId().values());
          if (!fees.isEmpty()) {
            book(books, fees);
            events.take(books.tx());
          }
          return fees.size();
        });
  }

  /** Money that waits for jobs pays fees first. What does not come in time pays the debt later. */
  private void freeMoney(Collection<FeeCharged> fees) {
    Map<String, NanoUsd> needed = new TreeMap<>();
    fees.stream()
        .filter(fee -> fee.amount().isPositive())
        .forEach(fee -> needed.merge(fee.tenantId(), fee.amount(), NanoUsd::plus));
    needed.forEach(idleMoney::freeNow);
  }

  private static boolean isSensible(FeeCharged fee) {
    return Stream.of(
            fee.eventId(),
            fee.occurredAt(),
            fee.tenantId(),
            fee.kind(),
            fee.invoiceId(),
            fee.amount())
        .allMatch(Objects::nonNull);
  }

  private static void book(LedgerTransaction books, List<FeeCharged> fees) {
    books.lock(fees.stream().map(fee -> AccountRef.credit(fee.tenantId())).toList());
    List<AccountRef> accounts = new ArrayList<>();
    for (FeeCharged fee : fees) {
      accounts.add(AccountRef.owed(fee.tenantId()));
      accounts.add(other(fee));
      fee.sponsored()
          .ifPresent(
              part -> {
                accounts.add(AccountRef.sponsorBudget(part.budgetId()));
                accounts.add(AccountRef.sponsorOwed(part.budgetId()));
                accounts.add(AccountRef.revenue(fee.tenantId()));
              });
    }
    books.lock(accounts);
    books.know(fees.stream().map(Fees::businessKey).toList());
    JobRefunds refunds = JobRefunds.of(books.tx(), fees);
    for (FeeCharged fee : fees) {
      if (refunds.isGivenBack(fee)) {
        LOG.infof("the job was given back before, usage_event=%s", fee.usageEventId().get());
        continue;
      }
      switch (books.book(journal(books, fee))) {
        case PostingResult.Booked booked -> refunds.add(fee, booked.journalId());
        case PostingResult.AlreadyBooked before ->
            LOG.debugf("fee booked before, %s", before.journalId());
        case PostingResult.InsufficientBalance impossible ->
            throw new IllegalStateException("short under lock: " + impossible.account());
      }
    }
    books.write();
    refunds.store();
  }

  private static AccountRef other(FeeCharged fee) {
    return TAX.equals(fee.kind()) ? AccountRef.tax() : AccountRef.revenue(fee.tenantId());
  }

  private static String businessKey(FeeCharged fee) {
    return "fee:" + fee.eventId();
  }

  private static Journal journal(LedgerTransaction books, FeeCharged fee) {
    AccountRef credit = AccountRef.credit(fee.tenantId());
    AccountRef owed = AccountRef.owed(fee.tenantId());
    Postings lines = new Postings();
    if (fee.amount().isNegative()) {
      NanoUsd back = fee.amount().negated();
      NanoUsd debt = books.dollars(owed).negated().min(back);
      lines.add(owed, debt).add(credit, back.minus(debt));
    } else {
      NanoUsd fromCredit = books.dollars(credit).min(fee.amount());
      lines.add(credit, fromCredit.negated()).add(owed, fee.amount().minus(fromCredit).negated());
    }
    lines.add(other(fee), fee.amount());
    fee.sponsored().ifPresent(part -> giveBack(books, part, fee.tenantId(), lines));
    return new Journal(
        businessKey(fee),
        "fee",
        Optional.of(fee.tenantId()),
        fee.occurredAt(),
        fee.kind() + " on invoice " + fee.invoiceId(),
        lines.list());
  }

  /** What a sponsor gets back of a job that was taken back pays what it owes first. */
  private static void giveBack(
      LedgerTransaction books, Sponsored part, String tenant, Postings lines) {
    AccountRef owed = AccountRef.sponsorOwed(part.budgetId());
    NanoUsd debt = books.dollars(owed).negated().min(part.amount());
    lines
        .add(owed, debt)
        .add(AccountRef.sponsorBudget(part.budgetId()), part.amount().minus(debt))
        .add(AccountRef.revenue(tenant), part.amount().negated());
  }
}
