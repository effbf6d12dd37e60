package io.naap.router.admission.quota;

import io.naap.router.limit.Policy;

/**
 * The part of one limited amount of a key or tenant that this router may use without asking Redis.
 * Guarded by its tenant's lock.
 *
 * <p>The balance, what is held and what is used but not reported make up what Redis counts as out
 * to this router. Of the balance, {@code kept} must not be touched before Redis has answered:
 * should this router die, that part is free for others at once, and only that part.
 */
public final class QuotaLease {
  /** A lease nobody used for so long is given back. */
  static final long IDLE = 15_000_000_000L;

  private static final long MILLI = 1_000_000L;

  private final SubjectQuotas subject;
  private final LimitedAmount amount;

  /** The day or month it belongs to; empty when it has none. */
  private String window;

  /** How many windows it has had: one that comes again, where a clock was set, is another one. */
  private long windows;

  private long limit;
  private long balance;
  private long held;
  private long kept;

  /** Used and out of all routers together, this lease included, as Redis said last. */
  private long taken;

  private long resetMillis;

  /** When the call was made whose answer holds; 0 for none. */
  private long answeredNanos;

  /** Out to other routers, as Redis said last. */
  private long elsewhere;

  /** Limits have changed: nothing may be taken before Redis has answered. */
  private boolean stale;

  /** No limit counts it now: it is given back, and dropped once nothing is out. */
  private boolean unbound;

  /** Something was used that it did not count: its counter in Redis begins anew. */
  private boolean missed;

  /** Redis has nothing for a job that needs so much, until then. */
  private long deniedNeed = Long.MAX_VALUE;

  private long deniedUntilNanos;

  private long touchedNanos;

  /** What the jobs that wait for Redis need of it together. */
  private long pending;

  private final LeaseSizing sizing;
  private final UnreportedUsage used;

  QuotaLease(SubjectQuotas subject, LimitedAmount amount, String window, long limit) {
    this.subject = subject;
    this.amount = amount;
    this.window = window;
    this.limit = limit;
    this.sizing = new LeaseSizing(amount.kind() == Policy.Kind.CONCURRENT);
    this.used = new UnreportedUsage(amount.isPerMinute());
    if (amount.local()) {
      balance = limit;
      taken = limit;
    }
  }

  public SubjectQuotas subject() {
    return subject;
  }

  public LimitedAmount amount() {
    return amount;
  }

  public String window() {
    return window;
  }

  long windows() {
    return windows;
  }

  boolean isUnbound() {
    return unbound;
  }

  // --- what a job takes and gives back ---

  public long spendable() {
    return balance - kept;
  }

  /** How much a job needs above what is here; nothing is lacking where no limit counts. */
  public long lacking(ReservationRequest request) {
    return unbound ? 0 : amount.need(request) - spendable();
  }

  public boolean isShort(ReservationRequest request) {
    return amount.need(request) > spendable();
  }

  /** Out to other routers, as Redis said last. */
  public long elsewhere() {
    return elsewhere;
  }

  /** True when Redis was asked since then, or need not be asked. */
  public boolean isAnsweredSince(long nanos) {
    return amount.local() || answeredNanos - nanos >= 0;
  }

  /** True while Redis' last answer holds: of a day or month only in that day or month. */
  boolean isKnown(RedisTime time, long nanos) {
    return amount.local()
        || unbound
        || (answeredNanos != 0 && !stale && (!amount.hasWindow() || time.isCurrent(window, nanos)));
  }

  /** True when asking Redis is useless: it said a moment ago that it has nothing for this need. */
  boolean isDenied(long need, long nanos) {
    return amount.local() || (deniedUntilNanos - nanos > 0 && need >= deniedNeed);
  }

  /** True when the next job may not find enough, so that more should be asked for. */
  boolean isRunningLow() {
    return !amount.local() && spendable() < sizing.low();
  }

  /** Takes for a job that begins now. */
  void take(long need, long second, long nanos) {
    balance -= need;
    touchedNanos = nanos;
    if (amount.isCountedAtStart()) {
      used.add(need, second);
    } else {
      held += need;
    }
    sizing.take(need, held);
  }

  /**
   * Ends a hold: what was used is spent, the rest comes back.
   *
   * @return false when more was used than was leased, so that Redis must be told soon
   */
  boolean settle(long amount, long spent, long second) {
    held -= amount;
    balance += amount - spent;
    used.add(spent, second);
    return balance >= 0;
  }

  /** Gives a hold back unused. */
  void release(long amount) {
    held -= amount;
    balance += amount;
  }

  void addPending(long more) {
    pending = Math.max(0, pending + more);
  }

  void clearPending() {
    pending = 0;
  }

  long pending() {
    return pending;
  }

  /** What is left of a policy's limit: neither used nor with other routers; may be negative. */
  long remaining(long ofLimit) {
    return ofLimit - taken + balance;
  }

  /** Milliseconds until more may be had; -1 for never. */
  long resetMillis(long nanos) {
    if (amount.local()) {
      return 1_000;
    }
    return resetMillis < 0 ? -1 : Math.max(1, resetMillis - (nanos - answeredNanos) / MILLI);
  }

  boolean isIdle(long nanos) {
    return nanos - touchedNanos > IDLE;
  }

  boolean isReturnable(long nanos) {
    return !amount.local() && balance > 0 && isIdle(nanos);
  }

  /** Used and not reported, or used beyond the lease. */
  boolean isDirty() {
    return used.total() != 0 || balance < 0;
  }

  boolean isEmpty() {
    return held == 0 && (amount.local() || (balance == 0 && used.total() == 0));
  }

  /** Counted no more, and nothing of it is out. */
  boolean isDone() {
    return unbound && isEmpty();
  }

  boolean isRunning() {
    return held != 0 || used.total() != 0;
  }

  /** More is here than waiting jobs need, for other routers to have. */
  boolean hasSpare() {
    return !amount.local() && balance > pending;
  }

  void giveBackSoon(long nanos) {
    touchedNanos = nanos - IDLE - 1;
  }

  // --- limits that change ---

  long limit() {
    return limit;
  }

  void limit(long now) {
    if (limit == now) {
      return;
    }
    if (amount.local()) {
      balance += now - limit;
      taken += now - limit;
    } else {
      stale = true;
    }
    limit = now;
    deniedUntilNanos = 0;
  }

  /** Some limit counts it; after a time in which none did, its counter begins anew. */
  void bind() {
    if (unbound) {
      missed = amount.isWindowed();
    }
    unbound = false;
  }

  void unbind() {
    unbound = true;
  }

  boolean isMissed() {
    return missed;
  }

  void missed(boolean now) {
    missed = now;
  }

  // --- Redis ---

  /**
   * What a lease call says of it, and what is needed to say it again should Redis not get it.
   *
   * @param limit when the call was made
   */
  record Report(QuotaLease lease, LeaseWish wish, long limit, UnreportedUsage.Reported used) {}

  /** Makes a report; what is used from now on goes into the next one. */
  Report report(long elapsedNanos, long second, long nanos) {
    long needed = unbound ? 0 : pending;
    boolean idle = needed == 0 && isIdle(nanos);
    long free = Math.max(0, balance);
    long back = 0;
    if (stale || idle || unbound) {
      back = free;
    } else if (subject.isRecalled()) {
      back = Math.max(0, free - needed);
    }
    boolean keepable = amount.isMoney() || amount.isWindowed();
    boolean wants = !idle && !unbound && !subject.isRecalled();
    long target = wants ? sizing.target(held, needed, answeredNanos == 0, elapsedNanos / MILLI) : 0;
    LeaseWish.Asked asked = LeaseSizing.ask(balance - back, needed, target, keepable);
    LeaseWish wish =
        new LeaseWish(
            amount.name(),
            window,
            unbound ? -1 : limit,
            new LeaseWish.Told(used.text(second), back, balance + held + used.total()),
            asked);
    balance -= back;
    kept = Math.max(kept, asked.kept());
    sizing.reset(held);
    return new Report(this, wish, limit, used.report());
  }

  /** Redis did not get a report: it is still to be made. */
  void restore(Report report) {
    used.restore(report.used());
    balance += report.wish().told().back();
  }

  /**
   * Takes what Redis granted.
   *
   * @param counted Redis knew the counters, so that its answer is one about the limit
   * @param deniedNanos how long an answer "nothing left" is believed
   */
  void grant(
      LeaseGrant got,
      Report asked,
      boolean counted,
      long askedNanos,
      long nanos,
      long deniedNanos) {
    if (!got.window().equals(window)) {
      roll(got.window());
    }
    balance += got.granted();
    if (got.granted() > 0) {
      touchedNanos = nanos;
    }
    kept = got.kept();
    taken = got.taken();
    resetMillis = got.resetMillis();
    elsewhere = got.elsewhere();
    if (counted) {
      answeredNanos = askedNanos;
      // An answer under another limit leaves the lease to be asked for again.
      stale = limit != asked.limit();
      // Of money only the ledger knows that there is none.
      boolean denied = got.granted() < asked.wish().asked().need() && !amount.isMoney();
      deniedNeed = denied ? spendable() + 1 : deniedNeed;
      deniedUntilNanos = denied ? nanos + deniedNanos : 0;
    }
  }

  /** A new day or month: what is left of the old one's lease expires. */
  private void roll(String to) {
    window = to;
    windows++;
    balance = 0;
    held = 0;
    kept = 0;
    used.clear();
    taken = 0;
    deniedUntilNanos = 0;
  }

  /** A new epoch of Redis: nothing that was out counts any more, only jobs that run. */
  void newEpoch() {
    balance = 0;
    kept = 0;
    answeredNanos = 0;
    deniedUntilNanos = 0;
    if (!amount.isPerMinute()) {
      // Metering has it, or will have before the counters begin.
      used.clear();
    }
  }

  /**
   * Takes over what Redis says is out to this router.
   *
   * @param out null for nothing
   */
  void adopt(Long out) {
    if (out == null) {
      // It ended with the router's lease: Redis has counted what was used of it.
      if (amount.isPerMinute()) {
        used.clear();
      }
      // Running jobs are carried over with the next call.
      balance = 0;
    } else {
      balance = out - held - used.total();
    }
    kept = 0;
    answeredNanos = 0;
  }

  /** Reports what an earlier process used, and gives the rest back. */
  public void recover(long out, long spent, long second, long nanos) {
    used.add(spent, second);
    balance = out - spent;
    giveBackSoon(nanos);
  }
}
