package io.naap.router.admission.quota;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.metering.Unit;
import io.naap.router.limit.Policy;
import java.util.List;

/**
 * The part of one limited amount of a key or tenant that this router may use without asking Redis.
 * Guarded by its tenant's lock.
 *
 * <p>{@code balance + held + spent} is what Redis counts as out to this router. Of the balance,
 * {@code kept} must not be touched before Redis has answered: should this router die, that part is
 * free for others at once, and only that part.
 */
public final class QuotaLease {
  public static final String MONEY = "money";

  /** A lease nobody used for so long is given back. */
  static final long IDLE = 15_000_000_000L;

  private static final long MILLI = 1_000_000L;

  /** A lease lasts about so long, when jobs go on as they did. */
  private static final long AHEAD_MILLIS = 20_000;

  /** A lease lasts for so many jobs, however rare they are. */
  private static final int JOBS_AHEAD = 8;

  private final SubjectQuotas subject;

  /** As Redis names the amount: {@code rpm}, {@code c}, {@code d.pixels}, {@code money}. */
  private final String name;

  private final Policy.Kind kind;
  private final Unit unit;
  private final boolean ofMoney;

  /** Never leased: counted in this router alone. */
  private final boolean local;

  /** The day or month it belongs to; empty when it has none. */
  private String window = "";

  /** How many windows it has had: one that comes again, where a clock was set, is another one. */
  private long windows;

  private long limit;
  private long balance;
  private long held;
  private long kept;
  private long spent;

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

  /** Taken since the last report, and the most for one job; they size the next lease. */
  private long taking;

  private long largest;
  private long mostHeld;
  private long touchedNanos;

  /** What the jobs that wait for Redis need of it together. */
  private long pending;

  private final MinuteUsage minute;

  QuotaLease(SubjectQuotas subject, Policy policy) {
    this(subject, name(policy), policy.kind(), policy.what(), policy.local());
    this.limit = policy.limit();
    if (local) {
      balance = limit;
      taken = limit;
    }
  }

  private QuotaLease(
      SubjectQuotas subject, String name, Policy.Kind kind, String what, boolean local) {
    this.subject = subject;
    this.name = name;
    this.kind = kind;
    this.ofMoney = what.equals(Cap.MONEY);
    this.unit = what.isEmpty() || ofMoney ? null : Unit.of(what);
    this.local = local;
    this.minute = isPerMinute() ? new MinuteUsage() : null;
  }

  /** The tenant's pool of money: limited by what is there, not by a policy. */
  static QuotaLease ofMoney(SubjectQuotas subject) {
    QuotaLease lease = new QuotaLease(subject, MONEY, Policy.Kind.LIFETIME, Cap.MONEY, false);
    lease.limit = Policy.MAX;
    return lease;
  }

  /**
   * What an earlier process of this router left: only to be reported and given back.
   *
   * @param field as Redis has it, with its window in it
   */
  static QuotaLease ofField(SubjectQuotas subject, String field) {
    String kind = field.substring(0, field.indexOf('.') < 0 ? field.length() : field.indexOf('.'));
    boolean dated = kind.equals("d") || kind.equals("m");
    int end = dated ? field.indexOf('.', 2) : -1;
    String name = dated ? kind + field.substring(end) : field;
    Policy.Kind like =
        switch (kind) {
          case "rpm" -> Policy.Kind.RPM;
          case "u" -> Policy.Kind.MINUTE;
          case "c" -> Policy.Kind.CONCURRENT;
          case "d" -> name.equals("d.starts") ? Policy.Kind.RPD : Policy.Kind.DAY;
          case "m" -> Policy.Kind.MONTH;
          default -> Policy.Kind.LIFETIME;
        };
    String what = name.indexOf('.') < 0 || name.equals("d.starts") ? "" : name.substring(2);
    QuotaLease lease =
        new QuotaLease(subject, name, like, name.equals(MONEY) ? Cap.MONEY : what, false);
    lease.window = dated ? field.substring(2, end) : "";
    lease.limit = Policy.MAX;
    return lease;
  }

  static String name(Policy policy) {
    return switch (policy.kind()) {
      case RPM -> "rpm";
      case RPD -> "d.starts";
      case CONCURRENT -> "c";
      case MINUTE -> "u." + policy.what();
      case DAY -> "d." + policy.what();
      case MONTH -> "m." + policy.what();
      case LIFETIME -> "l." + policy.what();
    };
  }

  // --- what it is ---

  public SubjectQuotas subject() {
    return subject;
  }

  public String name() {
    return name;
  }

  public Policy.Kind kind() {
    return kind;
  }

  public Unit unit() {
    return unit;
  }

  /** It counts nano-dollars: the tenant's pool of money, or a cap on money. */
  public boolean ofMoney() {
    return ofMoney;
  }

  /** It is the tenant's pool of money. */
  public boolean isMoney() {
    return name.equals(MONEY);
  }

  public String window() {
    return window;
  }

  long windows() {
    return windows;
  }

  boolean isLocal() {
    return local;
  }

  boolean isUnbound() {
    return unbound;
  }

  /** It counts the last sixty seconds, so when something was used matters. */
  public boolean isPerMinute() {
    return kind == Policy.Kind.RPM || kind == Policy.Kind.MINUTE;
  }

  /** It counts requests as they begin: nothing of it comes back when a job ends. */
  boolean isCountedAtStart() {
    return kind == Policy.Kind.RPM || kind == Policy.Kind.RPD;
  }

  /** Its counter begins with what metering has stored; unused quota expires with its window. */
  boolean isWindowed() {
    return !isMoney() && (hasWindow() || name.startsWith("l."));
  }

  public boolean hasWindow() {
    return name.startsWith("d.") || name.startsWith("m.");
  }

  /** A unit's wire name, or what else is counted. */
  String what() {
    return name.substring(name.indexOf('.') + 1);
  }

  /** As Redis names it, with its window. */
  String field() {
    return hasWindow() ? name.charAt(0) + "." + window + name.substring(1) : name;
  }

  // --- what a job takes and gives back ---

  /** How much of it a job asks for. */
  public long need(ReservationRequest request) {
    if (unit != null) {
      return request.units().get(unit);
    }
    if (ofMoney) {
      return request.cost().nanos();
    }
    boolean counts = kind == Policy.Kind.CONCURRENT ? request.takesSlot() : request.isRequest();
    return counts ? 1 : 0;
  }

  public long spendable() {
    return balance - kept;
  }

  /** How much a job needs above what is here; nothing is lacking where no limit counts. */
  public long lacking(ReservationRequest request) {
    return unbound ? 0 : need(request) - spendable();
  }

  public boolean isShort(ReservationRequest request) {
    return need(request) > spendable();
  }

  /** Out to other routers, as Redis said last. */
  public long elsewhere() {
    return elsewhere;
  }

  /** True when Redis was asked since then, or need not be asked. */
  public boolean isAnsweredSince(long nanos) {
    return local || answeredNanos - nanos >= 0;
  }

  /** True while Redis' last answer holds: of a day or month only in that day or month. */
  boolean isKnown(RedisTime time, long nanos) {
    return local
        || unbound
        || (answeredNanos != 0 && !stale && (!hasWindow() || time.isCurrent(window, nanos)));
  }

  /** True when asking Redis is useless: it said a moment ago that it has nothing for this need. */
  boolean isDenied(long need, long nanos) {
    return local || (deniedUntilNanos - nanos > 0 && need >= deniedNeed);
  }

  /**
   * True when the next job may not find enough, so that more should be asked for. What was taken
   * since the last report foretells how long the lease lasts. Jobs at once come back, so that only
   * their peak tells.
   */
  boolean isRunningLow() {
    return !local
        && spendable()
            < (kind == Policy.Kind.CONCURRENT ? mostHeld / 4 : Math.max(taking / 4, largest));
  }

  /** Takes for a job that begins now. */
  void take(long need, long second, long nanos) {
    balance -= need;
    taking += need;
    largest = Math.max(largest, need);
    touchedNanos = nanos;
    if (kind == Policy.Kind.RPM) {
      spend(need, second);
    } else if (kind == Policy.Kind.RPD) {
      spent += need;
    } else {
      held += need;
      mostHeld = Math.max(mostHeld, held);
    }
  }

  /**
   * Ends a hold: what was used is spent, the rest comes back.
   *
   * @return false when more was used than was leased, so that Redis must be told soon
   */
  boolean settle(long amount, long used, long second) {
    held -= amount;
    balance += amount - used;
    spend(used, second);
    return balance >= 0;
  }

  /** Gives a hold back unused. */
  void release(long amount) {
    held -= amount;
    balance += amount;
  }

  private void spend(long amount, long second) {
    spent += amount;
    if (minute != null) {
      minute.add(amount, second);
    }
  }

  void addPending(long amount) {
    pending += amount;
  }

  void removePending(long amount) {
    pending = Math.max(0, pending - amount);
  }

  void clearPending() {
    pending = 0;
  }

  long pending() {
    return pending;
  }

  // --- where it stands ---

  /** What is left of a policy's limit: neither used nor with other routers. */
  long remaining(long ofLimit) {
    return Math.max(0, ofLimit - taken + balance);
  }

  /** What a limit that refuses nothing lacks. */
  boolean isExceeded(long ofLimit) {
    return ofLimit - taken + balance < 0;
  }

  /** Milliseconds until more may be had; -1 for never. */
  long resetMillis(long nanos) {
    if (local) {
      return 1_000;
    }
    return resetMillis < 0 ? -1 : Math.max(1, resetMillis - (nanos - answeredNanos) / MILLI);
  }

  boolean isIdle(long nanos) {
    return nanos - touchedNanos > IDLE;
  }

  boolean isReturnable(long nanos) {
    return !local && balance > 0 && isIdle(nanos);
  }

  /** Used and not reported, or used beyond the lease. */
  boolean isDirty() {
    return spent != 0 || balance < 0;
  }

  boolean isEmpty() {
    return held == 0 && (local || (balance == 0 && spent == 0));
  }

  /** Counted no more, and nothing of it is out. */
  boolean isDone() {
    return unbound && balance == 0 && held == 0 && spent == 0;
  }

  boolean isRunning() {
    return held != 0 || spent != 0;
  }

  /** More is here than waiting jobs need, for other routers to have. */
  boolean hasSpare() {
    return !local && balance > pending;
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
    if (local) {
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
      missed = isWindowed();
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
   * @param spent all that it reports as used
   * @param seconds the same by second, of an amount per minute
   */
  record Report(
      QuotaLease lease, LeaseWish wish, long limit, long spent, List<MinuteUsage.Second> seconds) {}

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
    long stays = balance - back;
    boolean mayKeep = isMoney() || isWindowed();
    long keeps = mayKeep ? Math.max(0, Math.min(stays / 2, stays - needed)) : 0;
    long need = Math.max(0, needed - (stays - keeps));
    long want = 0;
    if (!idle && !unbound && !subject.isRecalled()) {
      want =
          Math.max(
              0,
              Math.min(target(needed, elapsedNanos), Policy.MAX / 8) - Math.max(0, stays + need));
    }
    LeaseWish wish =
        new LeaseWish(
            name,
            window,
            unbound ? -1 : limit,
            new LeaseWish.Told(
                minute == null ? Long.toString(spent) : minute.report(second),
                back,
                balance + held + spent),
            new LeaseWish.Asked(need, want, keeps));
    Report report =
        new Report(this, wish, limit, spent, minute == null ? List.of() : minute.copy());
    balance -= back;
    kept = Math.max(kept, keeps);
    forgetSpent();
    taking = 0;
    largest = 0;
    mostHeld = held;
    return report;
  }

  /** How much should be here for jobs to come. */
  private long target(long needed, long elapsedNanos) {
    if (kind == Policy.Kind.CONCURRENT) {
      return mostHeld + mostHeld / 2 + 2 - held;
    }
    if (answeredNanos == 0) {
      return needed * JOBS_AHEAD;
    }
    long ahead = Math.min(Policy.MAX, taking * AHEAD_MILLIS / Math.max(1, elapsedNanos / MILLI));
    return Math.max(largest * JOBS_AHEAD, ahead);
  }

  private void forgetSpent() {
    spent = 0;
    if (minute != null) {
      minute.clear();
    }
  }

  /** Redis did not get a report: it is still to be made. */
  void restore(Report report) {
    spent += report.spent();
    if (!report.seconds().isEmpty()) {
      minute.restore(report.seconds());
    }
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
      boolean denied = got.granted() < asked.wish().asked().need() && !isMoney();
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
    spent = 0;
    taken = 0;
    deniedUntilNanos = 0;
  }

  /** A new epoch of Redis: nothing that was out counts any more, only jobs that run. */
  void newEpoch() {
    balance = 0;
    kept = 0;
    answeredNanos = 0;
    deniedUntilNanos = 0;
    if (!isPerMinute()) {
      // Metering has it, or will have before the counters begin.
      forgetSpent();
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
      if (isPerMinute()) {
        forgetSpent();
      }
      // Running jobs are carried over with the next call.
      balance = 0;
    } else {
      balance = out - held - spent;
    }
    kept = 0;
    answeredNanos = 0;
  }

  /** Reports what an earlier process used, and gives the rest back. */
  public void recover(long out, long used, long second, long nanos) {
    spend(used, second);
    balance = out - used;
    giveBackSoon(nanos);
  }
}
