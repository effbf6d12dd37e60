package io.naap.router.admission;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Decides jobs from the shares that are here, at once, or says that the store must be asked. No
 * input or output and no clock of its own; any thread may ask.
 */
final class LimitChecker {
  private static final long MILLI = 1_000_000L;
  private static final PendingAdmission[] NOBODY = {};

  private final QuotaTable book;
  private final long abovePercent;

  /**
   * @param abovePercent what a job may come to above its hold, of the hold
   */
  LimitChecker(QuotaTable book, long abovePercent) {
    if (abovePercent < 0 || abovePercent > 10_000) {
      throw new IllegalArgumentException(
          "naap.admission.settle-above-percent must be from 0 to 10000");
    }
    this.book = book;
    this.abovePercent = abovePercent;
  }

  /** What can be said at once. */
  sealed interface Decision {
    record Decided(Outcome outcome) implements Decision {}

    /** The store must be asked; the job waits in line. */
    record Asking(PendingAdmission waiting) implements Decision {}
  }

  Decision decide(ReservationRequest demand, long nanos) {
    while (true) {
      TenantQuotas tenant = book.tenant(demand.tenantId());
      synchronized (tenant) {
        if (!tenant.dropped) {
          return decide(tenant, demand, nanos);
        }
      }
    }
  }

  private Decision decide(TenantQuotas tenant, ReservationRequest demand, long nanos) {
    SubjectQuotas key = tenant.key(demand.keyId(), book.lastPosition());
    tenant.account.touchedNanos = nanos;
    key.touchedNanos = nanos;
    BoundLimits terms = book.terms(tenant, key, demand);
    Hold known = book.taken(demand);
    if (known != null) {
      return new Decision.Decided(new Outcome.Admitted(known, standing(terms, demand, nanos)));
    }
    QuotaLease missing = missing(terms, demand, nanos);
    if (missing == null && tenant.waiting.isEmpty()) {
      Hold hold = take(tenant, key, terms, demand, nanos);
      return new Decision.Decided(new Outcome.Admitted(hold, standing(terms, demand, nanos)));
    }
    if (missing != null && isDenied(missing, terms, demand, nanos)) {
      return new Decision.Decided(refusal(terms, demand, nanos));
    }
    PendingAdmission waiting = new PendingAdmission(tenant, demand, terms, nanos);
    tenant.waiting.add(waiting);
    for (QuotaLease share : terms.shares) {
      share.pending += share.need(demand);
    }
    ask(tenant, key);
    return new Decision.Asking(waiting);
  }

  private void ask(TenantQuotas tenant, SubjectQuotas key) {
    book.queue(tenant.account);
    book.queue(key);
  }

  /** The first share that is too small, or not known well enough; null when the job fits. */
  private QuotaLease missing(BoundLimits terms, ReservationRequest demand, long nanos) {
    for (QuotaLease share : terms.shares) {
      long need = share.need(demand);
      if (!share.local && !share.unbound && !book.isKnown(share, nanos)) {
        return share;
      }
      if (need > 0 && !share.unbound && share.spendable() < need) {
        return share;
      }
    }
    return null;
  }

  /** Asked a moment ago, and there was nothing. */
  private boolean isDenied(QuotaLease missing, BoundLimits terms, ReservationRequest demand, long nanos) {
    for (QuotaLease share : terms.shares) {
      if (!share.local && !share.unbound && !book.isKnown(share, nanos)) {
        return false;
      }
    }
    return missing.local
        || (missing.deniedUntilNanos - nanos > 0 && missing.need(demand) >= missing.deniedNeed);
  }

  private Hold take(TenantQuotas tenant, SubjectQuotas key, BoundLimits terms, ReservationRequest demand, long nanos) {
    long second = book.time().second(nanos);
    QuotaLease[] shares = terms.shares;
    long[] amounts = new long[shares.length];
    long[] windows = new long[shares.length];
    String window = "";
    for (int at = 0; at < shares.length; at++) {
      QuotaLease share = shares[at];
      long need = share.need(demand);
      windows[at] = share.windows;
      if (share.hasWindow() && share.window.length() > window.length()) {
        window = share.window;
      }
      if (need > 0) {
        share.take(need, second);
        share.touchedNanos = nanos;
        // Asked for in time, so that nobody has to wait for it.
        if (!share.local && share.isRunningLow()) {
          book.queue(share.account);
        }
        amounts[at] = need;
      }
    }
    Hold hold =
        new Hold(
            demand, terms, key, amounts, windows, window, nanos, tenant.fundingId, abovePercent);
    switch (demand.counts()) {
      case JOB, STRETCH -> book.add(hold);
      case STREAM -> {
        book.addPlace(demand.place(), hold.partPlace());
        book.add(hold);
      }
      case PLACE -> book.addPlace(demand.hold(), hold);
    }
    return hold;
  }

  private LimitStatus standing(BoundLimits terms, ReservationRequest demand, long nanos) {
    int size = terms.rules.size();
    long[] remaining = new long[size];
    long[] resets = new long[size];
    boolean[] violated = new boolean[size];
    for (int at = 0; at < size; at++) {
      BoundLimits.Rule rule = terms.rules.get(at);
      QuotaLease share = rule.share();
      remaining[at] = share.remaining(rule.policy().limit());
      resets[at] = reset(share, nanos);
      long need = share.need(demand);
      violated[at] =
          need > 0
              && (rule.shadow()
                  ? rule.policy().limit() - share.taken + share.balance < 0
                  : remaining[at] < need);
    }
    return new LimitStatus(terms, remaining, resets, violated);
  }

  private static long reset(QuotaLease share, long nanos) {
    if (share.local) {
      return 1_000;
    }
    if (share.resetMillis < 0) {
      return -1;
    }
    return Math.max(1, share.resetMillis - (nanos - share.answeredNanos) / MILLI);
  }

  private Outcome.Refused refusal(BoundLimits terms, ReservationRequest demand, long nanos) {
    LimitStatus standing = standing(terms, demand, nanos);
    List<String> violated = new ArrayList<>();
    long wait = 1;
    for (int at = 0; at < standing.size(); at++) {
      BoundLimits.Rule rule = terms.rules.get(at);
      boolean isShort = rule.share().need(demand) > rule.share().spendable();
      if (standing.isViolated(at) && isShort && !rule.shadow()) {
        violated.add(rule.name());
        // A window that never starts anew gives no time to come back at, nor does a limit that is
        // smaller than the job.
        wait =
            wait < 0
                    || standing.resetMillis(at) < 0
                    || rule.share().need(demand) > rule.policy().limit()
                ? -1
                : Math.max(wait, standing.resetSeconds(at));
      }
    }
    if (!violated.isEmpty()) {
      return new Outcome.Refused(
          Outcome.Reason.LIMIT,
          wait < 0 ? OptionalLong.empty() : OptionalLong.of(wait),
          violated,
          standing);
    }
    QuotaLease money = terms.prepaid ? terms.shares[terms.shares.length - 1] : null;
    if (money != null && money.spendable() < money.need(demand)) {
      return new Outcome.Refused(
          Outcome.Reason.NO_MONEY, OptionalLong.empty(), List.of(), standing);
    }
    // With other routers: they are asked to give back what they do not use.
    for (int at = 0; at < standing.size(); at++) {
      BoundLimits.Rule rule = terms.rules.get(at);
      if (rule.share().need(demand) > rule.share().spendable()) {
        violated.add(rule.name());
      }
    }
    return new Outcome.Refused(Outcome.Reason.LIMIT, OptionalLong.of(1), violated, standing);
  }

  static Outcome.Refused unavailable() {
    return new Outcome.Refused(
        Outcome.Reason.UNAVAILABLE, OptionalLong.of(1), List.of(), LimitStatus.NONE);
  }

  // --- those who wait ---

  /** What became of those who waited for a tenant's shares. */
  record Resolved(
      List<PendingAdmission> done, List<Outcome> outcomes, List<PendingAdmission> needMoney, List<PendingAdmission> later) {}

  /**
   * Decides those who waited, in the order they came.
   *
   * @param patience nanoseconds after which one who waits is told to come back
   */
  Resolved resolve(TenantQuotas tenant, long patience, long nanos) {
    List<PendingAdmission> done = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    List<PendingAdmission> needMoney = new ArrayList<>();
    List<PendingAdmission> later = new ArrayList<>();
    synchronized (tenant) {
      for (PendingAdmission waiting : tenant.waiting.toArray(NOBODY)) {
        ReservationRequest demand = waiting.demand;
        SubjectQuotas key = tenant.key(demand.keyId(), book.lastPosition());
        BoundLimits terms = waiting.terms;
        Outcome outcome = null;
        if (isHere(waiting, nanos)) {
          outcome = admitted(tenant, key, waiting, nanos);
        } else if (nanos - waiting.sinceNanos > patience) {
          outcome = unavailable();
        } else if (waiting.refilling) {
          continue;
        } else if (isAllKnown(terms, nanos)) {
          outcome = shortOf(tenant, terms, waiting, needMoney, later, nanos);
          if (outcome == null && !needMoney.contains(waiting) && !later.contains(waiting)) {
            ask(tenant, key);
          }
        } else {
          ask(tenant, key);
        }
        if (outcome != null) {
          leave(tenant, waiting);
          done.add(waiting);
          outcomes.add(outcome);
        }
      }
    }
    return new Resolved(done, outcomes, needMoney, later);
  }

  /** All that a job needs is here, or was taken for it already. */
  private boolean isHere(PendingAdmission waiting, long nanos) {
    return book.taken(waiting.demand) != null
        || missing(waiting.terms, waiting.demand, nanos) == null;
  }

  private Outcome.Admitted admitted(TenantQuotas tenant, SubjectQuotas key, PendingAdmission waiting, long nanos) {
    ReservationRequest demand = waiting.demand;
    Hold known = book.taken(demand);
    Hold hold = known != null ? known : take(tenant, key, waiting.terms, demand, nanos);
    return new Outcome.Admitted(hold, standing(waiting.terms, demand, nanos));
  }

  private boolean isAllKnown(BoundLimits terms, long nanos) {
    for (QuotaLease share : terms.shares) {
      if (!share.local && !share.unbound && !book.isKnown(share, nanos)) {
        return false;
      }
    }
    return true;
  }

  /** A share is too small although the store was asked: no, or not yet. */
  private Outcome shortOf(
      TenantQuotas tenant,
      BoundLimits terms,
      PendingAdmission waiting,
      List<PendingAdmission> needMoney,
      List<PendingAdmission> later,
      long nanos) {
    ReservationRequest demand = waiting.demand;
    boolean elsewhere = false;
    boolean limit = false;
    for (QuotaLease share : terms.shares) {
      long lacks = share.need(demand) - share.spendable();
      if (lacks <= 0 || share.unbound) {
        continue;
      }
      if (!share.local && share.answeredNanos - waiting.askedNanos < 0) {
        // That answer was to somebody else's question.
        return null;
      }
      if (share.elsewhere >= lacks) {
        elsewhere = true;
      } else if (!share.isMoney()) {
        limit = true;
      }
    }
    if (limit) {
      return refusal(terms, demand, nanos);
    }
    if (elsewhere && !waiting.recalled) {
      waiting.recalled = true;
      later.add(waiting);
      return null;
    }
    QuotaLease money = tenant.money;
    if (terms.prepaid && money.spendable() < money.need(demand)) {
      if (waiting.refilled) {
        return refusal(terms, demand, nanos);
      }
      needMoney.add(waiting);
      return null;
    }
    if (++waiting.answers < 4) {
      return null;
    }
    return refusal(terms, demand, nanos);
  }

  /**
   * Nobody has waited for others while this router slept.
   *
   * @param slept nanoseconds, until now
   */
  void excuse(long slept, long nanos) {
    for (TenantQuotas tenant : book.tenants()) {
      synchronized (tenant) {
        for (PendingAdmission waiting : tenant.waiting) {
          waiting.sinceNanos += Math.min(slept, nanos - waiting.sinceNanos);
        }
      }
    }
  }

  /** Ends somebody's waiting without an answer of the store. */
  boolean giveUp(PendingAdmission waiting) {
    TenantQuotas tenant = book.known(waiting.demand.tenantId());
    if (tenant == null) {
      return false;
    }
    synchronized (tenant) {
      if (!tenant.waiting.contains(waiting)) {
        return false;
      }
      leave(tenant, waiting);
      return true;
    }
  }

  /**
   * The store has not answered, and is asked the same again: a pause of this process looks like a
   * store that is gone. So only who has seen that before is not left waiting. Who only waited in
   * line, and fits into what is here, runs.
   */
  Resolved unanswered(TenantQuotas tenant, long nanos) {
    List<PendingAdmission> done = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    synchronized (tenant) {
      for (PendingAdmission waiting : tenant.waiting.toArray(NOBODY)) {
        Outcome outcome = waiting.unanswered ? unavailable() : null;
        waiting.unanswered = true;
        if (isHere(waiting, nanos)) {
          SubjectQuotas key = tenant.key(waiting.demand.keyId(), book.lastPosition());
          outcome = admitted(tenant, key, waiting, nanos);
        }
        if (outcome != null) {
          leave(tenant, waiting);
          done.add(waiting);
          outcomes.add(outcome);
        }
      }
    }
    return new Resolved(done, outcomes, List.of(), List.of());
  }

  /** Where an account's counters begin is not to be had: who waits for them comes back later. */
  Resolved unseeded(SubjectQuotas account, long nanos) {
    List<PendingAdmission> done = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    TenantQuotas tenant = account.tenant;
    synchronized (tenant) {
      for (PendingAdmission waiting : tenant.waiting.toArray(NOBODY)) {
        if (waitsFor(account, waiting, nanos)) {
          leave(tenant, waiting);
          done.add(waiting);
          outcomes.add(unavailable());
        }
      }
    }
    return new Resolved(done, outcomes, List.of(), List.of());
  }

  private boolean waitsFor(SubjectQuotas account, PendingAdmission waiting, long nanos) {
    for (QuotaLease share : waiting.terms.shares) {
      if (share.account == account
          && !share.local
          && !share.unbound
          && (!book.isKnown(share, nanos) || share.spendable() < share.need(waiting.demand))) {
        return true;
      }
    }
    return false;
  }

  private static void leave(TenantQuotas tenant, PendingAdmission waiting) {
    tenant.waiting.remove(waiting);
    for (QuotaLease share : waiting.terms.shares) {
      share.pending = Math.max(0, share.pending - share.need(waiting.demand));
    }
    if (tenant.waiting.isEmpty()) {
      tenant.money.pending = 0;
      tenant.account.shares.values().forEach(share -> share.pending = 0);
      tenant.keys.values().forEach(key -> key.shares.values().forEach(share -> share.pending = 0));
    }
  }

  /** Asks for a waiting job's shares again; only what is answered from now on counts. */
  void askAgain(PendingAdmission waiting, long nanos) {
    TenantQuotas tenant = book.known(waiting.demand.tenantId());
    if (tenant != null) {
      synchronized (tenant) {
        waiting.askedNanos = nanos;
        waiting.refilling = false;
        ask(tenant, tenant.key(waiting.demand.keyId(), book.lastPosition()));
      }
    }
  }
}
