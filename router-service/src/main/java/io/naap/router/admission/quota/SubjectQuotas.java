package io.naap.router.admission.quota;

import io.naap.router.limit.Policy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The leases of one key, or of one tenant. Guarded by its tenant's lock. */
public final class SubjectQuotas {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  /** What was used is reported at least so often. */
  private static final long REPORTED_EVERY = 15 * SECOND;

  /** A subject nobody used for so long is forgotten. */
  private static final long FORGOTTEN = 60 * SECOND;

  private final TenantQuotas tenant;

  /** As Redis names it: {@code k:key_...} or {@code t:ten_...}. */
  private final String name;

  private final Map<String, QuotaLease> leases = new LinkedHashMap<>();

  /** What metering has stored of it, once Redis has asked for that. */
  private CounterSeed seed;

  /** It waits for the next call, and once only. */
  boolean queued;

  /** It waits for a call that has room. */
  boolean reporting;

  /** It is in a call whose outcome is not known. */
  boolean asked;

  /** Metering is asked where its counters begin. */
  boolean seeding;

  /** Other routers lack what is unused here. */
  private boolean recalled;

  /** Redis is to hear what is not counted here: at first, on a change, and after more usage. */
  private boolean telling = true;

  /** Jobs were admitted before, under limits or without. */
  private boolean bound;

  private long touchedNanos;
  private long reportedNanos;

  /** The first usage event that no report tells of; 0 for none. */
  private long unreportedFrom;

  /** The first usage event in a report that Redis has not confirmed; 0 for none. */
  private long sentFrom;

  /** The last usage event that was settled, of this subject or another. */
  private long lastPosition;

  /** The last usage event of its own; 0 for none. */
  private long ownPosition;

  /** The leases that jobs of this key were last admitted with. */
  private QuotaBinding binding;

  /**
   * @param position of the spool: older usage was reported, or is not of these leases
   */
  SubjectQuotas(TenantQuotas tenant, String name, long position) {
    this.lastPosition = position;
    this.tenant = tenant;
    this.name = name;
  }

  /** What an earlier process of this router had, by the fields that Redis names. */
  public static SubjectQuotas ofEarlierProcess(String name, Collection<String> fields) {
    SubjectQuotas subject = new SubjectQuotas(new TenantQuotas("~" + name, 0), name, 0);
    for (String field : fields) {
      subject.add(
          new QuotaLease(
              subject, LimitedAmount.ofField(field), LimitedAmount.windowOf(field), Policy.MAX));
    }
    return subject;
  }

  public TenantQuotas tenant() {
    return tenant;
  }

  public String name() {
    return name;
  }

  public boolean isKey() {
    return name.charAt(0) == 'k';
  }

  /** The id of the key or tenant. */
  public String id() {
    return name.substring(2);
  }

  public Collection<QuotaLease> leases() {
    return leases.values();
  }

  public CounterSeed seed() {
    return seed;
  }

  void seed(CounterSeed now) {
    seed = now;
  }

  /** The last usage event of its own; 0 for none. */
  public long ownPosition() {
    return ownPosition;
  }

  boolean isRecalled() {
    return recalled;
  }

  void touch(long nanos) {
    touchedNanos = nanos;
  }

  // --- limits ---

  QuotaBinding binding() {
    return binding;
  }

  /** The lease that counts for a policy; a local one stands beside a leased one of the same. */
  QuotaLease lease(Policy policy) {
    LimitedAmount amount = LimitedAmount.of(policy);
    return leases.computeIfAbsent(
        amount.local() ? "here" : amount.name(),
        fresh -> {
          QuotaLease lease = new QuotaLease(this, amount, "", policy.limit());
          lease.missed(bound && amount.isWindowed());
          return lease;
        });
  }

  void add(QuotaLease lease) {
    leases.put(lease.amount().name(), lease);
  }

  /** Leases that no limit counts any more are given back. */
  void bind(QuotaBinding now, Collection<QuotaLease> counting) {
    bound = true;
    for (QuotaLease lease : leases.values()) {
      if (lease.amount().local() || lease.amount().isMoney() || counting.contains(lease)) {
        lease.bind();
      } else {
        telling |= !lease.isUnbound();
        lease.unbind();
      }
    }
    if (isKey()) {
      binding = now;
    }
  }

  // --- usage that was settled ---

  /**
   * Usage at a position was settled.
   *
   * @param counts whether Redis is to hear of it: it does not count what no limit counts
   */
  public void settled(long position, boolean counts) {
    lastPosition = Math.max(lastPosition, position);
    ownPosition = Math.max(ownPosition, position);
    if (counts) {
      unreportedFrom = unreportedFrom == 0 ? position : Math.min(unreportedFrom, position);
    } else {
      telling = true;
    }
  }

  /** Leases of limits that were set after a job began have not counted it: they begin anew. */
  void missedBy(List<QuotaLease> counting) {
    for (QuotaLease lease : leases.values()) {
      if (!lease.isUnbound() && lease.amount().isWindowed() && !counting.contains(lease)) {
        lease.missed(true);
        telling = true;
      }
    }
  }

  /** The first usage event that Redis may not have heard of; the largest number for none. */
  long unheardFrom() {
    long first = unreportedFrom == 0 ? Long.MAX_VALUE : unreportedFrom;
    return sentFrom == 0 ? first : Math.min(first, sentFrom);
  }

  void reachedPosition(long position) {
    lastPosition = Math.max(lastPosition, position);
  }

  // --- what is due ---

  boolean isTelling() {
    return telling;
  }

  /** True when Redis should hear of it although no job waits for that. */
  boolean isReportDue(long nanos) {
    // Also of usage that took nothing that is counted: the spool is kept until Redis has heard.
    if (nanos - reportedNanos > REPORTED_EVERY && (isDirty() || unreportedFrom != 0 || telling)) {
      return true;
    }
    for (QuotaLease lease : leases.values()) {
      if (lease.isReturnable(nanos)) {
        return true;
      }
    }
    return false;
  }

  private boolean isDirty() {
    for (QuotaLease lease : leases.values()) {
      if (lease.isDirty()) {
        return true;
      }
    }
    return false;
  }

  boolean isForgotten(long nanos) {
    if (nanos - touchedNanos <= FORGOTTEN || queued || reporting || asked) {
      return false;
    }
    for (QuotaLease lease : leases.values()) {
      if (!lease.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** Other routers lack what is unused here; true when there is something to give back. */
  boolean recall() {
    for (QuotaLease lease : leases.values()) {
      if (lease.hasSpare()) {
        recalled = true;
        return true;
      }
    }
    return false;
  }

  // --- Redis ---

  /**
   * What a lease call says of this subject.
   *
   * @param position of the spool up to which usage is reported
   * @param anew as {@code ;name;name;}: counters that may have missed usage and begin anew; {@code
   *     ;} alone says that all that is not named in the wishes may have; empty for none
   * @param starts where counters begin, by what is counted
   */
  public record Report(
      SubjectQuotas of,
      long position,
      String anew,
      Map<String, CounterSeed.Start> starts,
      List<QuotaLease.Report> leases) {
    public List<LeaseWish> wishes() {
      return leases.stream().map(QuotaLease.Report::wish).toList();
    }
  }

  /** Makes a report; null when there is nothing to say. */
  Report report(long second, long nanos) {
    List<QuotaLease.Report> reports = new ArrayList<>();
    long elapsed = Math.max(50 * MILLI, nanos - reportedNanos);
    leases.values().removeIf(QuotaLease::isDone);
    StringBuilder anew = new StringBuilder(telling ? ";" : "");
    for (QuotaLease lease : leases.values()) {
      if (lease.amount().local()) {
        continue;
      }
      reports.add(lease.report(elapsed, second, nanos));
      if (lease.isMissed()) {
        anew.append(anew.isEmpty() ? ";" : "").append(lease.amount().name()).append(';');
        lease.missed(false);
        seed = null;
      }
    }
    if (reports.isEmpty() && anew.isEmpty()) {
      return null;
    }
    telling = false;
    reportedNanos = nanos;
    recalled = false;
    long first = unheardFrom();
    sentFrom = first == Long.MAX_VALUE ? 0 : first;
    unreportedFrom = 0;
    return new Report(this, lastPosition, anew.toString(), starts(), reports);
  }

  private Map<String, CounterSeed.Start> starts() {
    Map<String, CounterSeed.Start> starts = new HashMap<>();
    if (seed != null) {
      for (QuotaLease lease : leases.values()) {
        if (lease.amount().isWindowed()) {
          starts.put(lease.amount().what(), seed.of(lease.amount().what()));
        }
      }
    }
    return starts;
  }

  /** Redis did not take a report: it is still to be made. */
  void restore(Report report) {
    unconfirmed();
    telling |= !report.anew().isEmpty();
    for (QuotaLease lease : leases.values()) {
      lease.missed(lease.isMissed() || report.anew().contains(";" + lease.amount().name() + ";"));
    }
    report.leases().forEach(one -> one.lease().restore(one));
  }

  /** Redis took a report, but did not count its usage. */
  void unconfirmed() {
    if (sentFrom != 0) {
      unreportedFrom = unreportedFrom == 0 ? sentFrom : Math.min(unreportedFrom, sentFrom);
      sentFrom = 0;
    }
  }

  /** Redis has counted a report. */
  void confirmed() {
    seed = null;
    sentFrom = 0;
  }

  /**
   * A new epoch of Redis.
   *
   * @return true when jobs run or usage is not reported, so that the new epoch must hear of it
   */
  boolean newEpoch() {
    boolean runs = false;
    seed = null;
    for (QuotaLease lease : leases.values()) {
      if (!lease.amount().local()) {
        lease.newEpoch();
        runs |= lease.isRunning();
      }
    }
    return runs;
  }

  /** Takes over what Redis says is out to this router, by field. */
  void adopt(Map<String, Long> out) {
    for (QuotaLease lease : leases.values()) {
      if (!lease.amount().local()) {
        lease.adopt(out.get(lease.amount().field(lease.window())));
      }
    }
  }

  void giveBackSoon(long nanos) {
    leases.values().forEach(lease -> lease.giveBackSoon(nanos));
  }

  void clearPending() {
    leases.values().forEach(QuotaLease::clearPending);
  }
}
