package io.naap.router.admission.quota;

import io.naap.router.limit.BoundLimits;
import io.naap.router.limit.LimitOverrides;
import io.naap.router.limit.LimitStatus;
import io.naap.router.limit.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A key's limits and the leases that decide them. Made once for as long as the limits stay the
 * same. Guarded by its tenant's lock.
 */
public final class QuotaBinding {
  private final BoundLimits limits;
  private final SubjectQuotas key;
  private final RedisTime time;
  private final LeaseQueue queue;

  /** By rule of the limits; several rules may share one. */
  private final QuotaLease[] byRule;

  /** Every lease once, in the order of the rules; last the tenant's money if it is needed. */
  private final QuotaLease[] leases;

  /** The limit of each lease when it was bound. */
  private final long[] bound;

  private QuotaBinding(
      BoundLimits limits,
      SubjectQuotas key,
      RedisTime time,
      LeaseQueue queue,
      QuotaLease[] byRule,
      QuotaLease[] leases) {
    this.limits = limits;
    this.key = key;
    this.time = time;
    this.queue = queue;
    this.byRule = byRule;
    this.leases = leases;
    this.bound = Arrays.stream(leases).mapToLong(QuotaLease::limit).toArray();
  }

  /** Binds limits to leases; a lease whose limit changed must be asked for anew. */
  static QuotaBinding bind(
      BoundLimits limits, SubjectQuotas key, RedisTime time, LeaseQueue queue) {
    TenantQuotas tenant = key.tenant();
    QuotaLease[] byRule = new QuotaLease[limits.rules().size()];
    Map<QuotaLease, Long> smallest = new LinkedHashMap<>();
    for (int at = 0; at < byRule.length; at++) {
      BoundLimits.Rule rule = limits.rules().get(at);
      SubjectQuotas subject = rule.policy().owner() == Policy.Owner.KEY ? key : tenant.subject();
      byRule[at] = subject.lease(rule.policy());
      // A policy in shadow is counted like the others, and never short.
      smallest.merge(byRule[at], rule.shadow() ? Policy.MAX : rule.policy().limit(), Math::min);
    }
    smallest.forEach(QuotaLease::limit);
    Set<QuotaLease> leases = new LinkedHashSet<>(smallest.keySet());
    if (limits.prepaid()) {
      leases.add(tenant.money());
    }
    QuotaBinding binding =
        new QuotaBinding(limits, key, time, queue, byRule, leases.toArray(QuotaLease[]::new));
    key.bind(binding, smallest.keySet());
    tenant.subject().bind(binding, smallest.keySet());
    return binding;
  }

  /** True when a job of the key with such limits is decided by these leases. */
  boolean isOf(ReservationRequest request, LimitOverrides overrides) {
    return limits.isOf(request.limits(), request.prepaid(), overrides) && isBound();
  }

  /** False when a job of another key has come with other limits of the tenant since. */
  private boolean isBound() {
    for (int at = 0; at < bound.length; at++) {
      if (leases[at].limit() != bound[at] || leases[at].isUnbound()) {
        return false;
      }
    }
    return true;
  }

  public BoundLimits limits() {
    return limits;
  }

  public SubjectQuotas key() {
    return key;
  }

  public int size() {
    return leases.length;
  }

  public QuotaLease lease(int at) {
    return leases[at];
  }

  List<QuotaLease> leases() {
    return Arrays.asList(leases);
  }

  public QuotaLease leaseOf(int rule) {
    return byRule[rule];
  }

  // --- what a job finds ---

  /** The first lease that is too small or not known well enough; null when the job fits. */
  public QuotaLease firstShort(ReservationRequest request, long nanos) {
    for (QuotaLease lease : leases) {
      long need = lease.amount().need(request);
      if (!lease.isKnown(time, nanos)
          || (need > 0 && !lease.isUnbound() && lease.spendable() < need)) {
        return lease;
      }
    }
    return null;
  }

  /** True when Redis' last answer about every lease still holds. */
  public boolean isAllKnown(long nanos) {
    for (QuotaLease lease : leases) {
      if (!lease.isKnown(time, nanos)) {
        return false;
      }
    }
    return true;
  }

  /** True when it is useless to ask Redis for a lease that is too small. */
  public boolean isDenied(QuotaLease tooSmall, ReservationRequest request, long nanos) {
    return isAllKnown(nanos) && tooSmall.isDenied(tooSmall.amount().need(request), nanos);
  }

  /** True when the job waits for a lease of this key or tenant. */
  public boolean waitsFor(SubjectQuotas subject, ReservationRequest request, long nanos) {
    for (QuotaLease lease : leases) {
      if (lease.subject() == subject
          && !lease.amount().local()
          && !lease.isUnbound()
          && (!lease.isKnown(time, nanos) || lease.isShort(request))) {
        return true;
      }
    }
    return false;
  }

  void addPending(ReservationRequest request) {
    for (QuotaLease lease : leases) {
      lease.addPending(lease.amount().need(request));
    }
  }

  void removePending(ReservationRequest request) {
    for (QuotaLease lease : leases) {
      lease.addPending(-lease.amount().need(request));
    }
  }

  /** Takes all that a job needs. */
  public Hold take(ReservationRequest request, long abovePercent, long nanos) {
    long second = time.second(nanos);
    long[] amounts = new long[leases.length];
    long[] windows = new long[leases.length];
    String window = "";
    for (int at = 0; at < leases.length; at++) {
      QuotaLease lease = leases[at];
      long need = lease.amount().need(request);
      windows[at] = lease.windows();
      if (lease.amount().hasWindow() && lease.window().length() > window.length()) {
        window = lease.window();
      }
      if (need > 0) {
        lease.take(need, second, nanos);
        // Asked for in time, so that no job has to wait for it.
        if (lease.isRunningLow()) {
          queue.ask(lease.subject());
        }
        amounts[at] = need;
      }
    }
    return new Hold(
        request, this, amounts, windows, window, nanos, key.tenant().fundingId(), abovePercent);
  }

  /** Where the limits stand for a job. */
  public LimitStatus status(ReservationRequest request, long nanos) {
    int size = byRule.length;
    long[] remaining = new long[size];
    long[] resets = new long[size];
    boolean[] violated = new boolean[size];
    for (int at = 0; at < size; at++) {
      BoundLimits.Rule rule = limits.rules().get(at);
      QuotaLease lease = byRule[at];
      long limit = rule.policy().limit();
      remaining[at] = Math.max(0, lease.remaining(limit));
      resets[at] = lease.resetMillis(nanos);
      long need = lease.amount().need(request);
      violated[at] =
          need > 0 && (rule.shadow() ? lease.remaining(limit) < 0 : remaining[at] < need);
    }
    return new LimitStatus(limits, remaining, resets, violated);
  }

  /** The rules whose lease is too small for a job. */
  public List<Integer> shortRules(ReservationRequest request) {
    List<Integer> rules = new ArrayList<>();
    for (int at = 0; at < byRule.length; at++) {
      if (byRule[at].isShort(request)) {
        rules.add(at);
      }
    }
    return rules;
  }

  /** True when there is not enough of the tenant's money here. */
  public boolean isShortOfMoney(ReservationRequest request) {
    return limits.prepaid() && leases[leases.length - 1].isShort(request);
  }
}
