package io.naap.router.admission;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The limits of a key, its tenant and its plan, bound to the shares they are decided by. Made once
 * for as long as the limits stay.
 */
final class BoundLimits {
  final Limits limits;
  final boolean prepaid;
  final LimitOverrides overrides;
  final List<Rule> rules;

  /** Every share once, in the order of the rules; the tenant's money last when it must be there. */
  final QuotaLease[] shares;

  /** Of each share, as bound. */
  private final long[] bound;

  /** {@code RateLimit-Policy}, which is the same for every answer. */
  final String policyHeader;

  private BoundLimits(
      Limits limits, boolean prepaid, LimitOverrides overrides, List<Rule> rules, QuotaLease[] shares) {
    this.limits = limits;
    this.overrides = overrides;
    this.prepaid = prepaid;
    this.rules = rules;
    this.shares = shares;
    this.bound = Arrays.stream(shares).mapToLong(share -> share.limit).toArray();
    this.policyHeader = rules.stream().map(Rule::header).collect(Collectors.joining(", "));
  }

  /** One policy and the share that decides it. */
  record Rule(
      Policy policy, String name, String header, String stateName, QuotaLease share, boolean shadow) {
    private static Rule of(Policy policy, QuotaLease share, boolean shadow) {
      String name = policy.name();
      StringBuilder header = new StringBuilder();
      header.append('"').append(name).append("\";q=").append(policy.limit());
      policy.windowSeconds().ifPresent(seconds -> header.append(";w=").append(seconds));
      if (policy.kind() == Policy.Kind.CONCURRENT) {
        header.append(";qu=\"concurrent-requests\"");
      }
      return new Rule(policy, name, header.toString(), "\"" + name + "\";r=", share, shadow);
    }
  }

  @SuppressWarnings(
      "ReferenceEquality") // The same object is the usual case, and asked for each job.
  boolean covers(ReservationRequest demand, LimitOverrides now) {
    return overrides == now
        && prepaid == demand.prepaid()
        && (limits == demand.limits() || sameParts(limits, demand.limits()))
        && isBound();
  }

  /** False when a job of another key came with other limits of the tenant since. */
  private boolean isBound() {
    for (int at = 0; at < bound.length; at++) {
      if (shares[at].limit != bound[at] || shares[at].unbound) {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("ReferenceEquality") // As above.
  private static boolean sameParts(Limits one, Limits other) {
    return (one.key() == other.key()
            && one.tenant() == other.tenant()
            && one.plan() == other.plan()
            && one.concurrentHere() == other.concurrentHere())
        || one.equals(other);
  }

  private static QuotaLease share(SubjectQuotas account, Policy policy, boolean local) {
    QuotaLease share = new QuotaLease(account, policy, local);
    share.missed = account.bound && share.isWindowed();
    return share;
  }

  /** What no limit counts any more is given back, and begins anew should one count it again. */
  private static void unbind(SubjectQuotas account, Collection<QuotaLease> used) {
    account.bound = true;
    for (QuotaLease share : account.shares.values()) {
      boolean counts = share.local || share.isMoney() || used.contains(share);
      if (counts && share.unbound) {
        share.missed = share.isWindowed();
      }
      account.telling |= !counts && !share.unbound;
      share.unbound = !counts;
    }
  }

  /** Binds limits to the accounts' shares; those whose limit changed must be asked for anew. */
  static BoundLimits bind(
      Limits limits, boolean prepaid, SubjectQuotas key, SubjectQuotas tenant, LimitOverrides overrides) {
    String keyId = key.subject.substring(2);
    String tenantId = tenant.tenant.id;
    List<Rule> rules = new ArrayList<>();
    Map<String, QuotaLease> used = new LinkedHashMap<>();
    Map<QuotaLease, Long> smallest = new LinkedHashMap<>();
    for (Policy set : limits.policies()) {
      Policy policy = overrides.of(set, tenantId, keyId);
      boolean ofKey = policy.owner() == Policy.Owner.KEY;
      SubjectQuotas account = ofKey ? key : tenant;
      boolean local = policy.owner() == Policy.Owner.KEY && policy.local();
      // Beside a leased share of the same, which may have to be given back.
      String name = local ? "here" : QuotaLease.name(policy);
      QuotaLease share = account.shares.computeIfAbsent(name, fresh -> share(account, policy, local));
      used.put(account.subject + name, share);
      // What is in shadow is counted like the others, and never short.
      boolean shadowed = overrides.isShadow(policy, tenantId, keyId);
      smallest.merge(share, shadowed ? ReservationRequest.MAX : policy.limit(), Math::min);
      rules.add(Rule.of(policy, share, shadowed));
    }
    smallest.forEach(
        (share, limit) -> {
          if (share.limit != limit) {
            if (share.local) {
              share.balance += limit - share.limit;
              share.taken += limit - share.limit;
            } else {
              share.stale = true;
            }
            share.limit = limit;
            share.deniedUntilNanos = 0;
          }
        });
    unbind(key, used.values());
    unbind(tenant, used.values());
    if (prepaid) {
      used.put(QuotaLease.MONEY, tenant.tenant.money);
    }
    return new BoundLimits(
        limits, prepaid, overrides, List.copyOf(rules), used.values().toArray(QuotaLease[]::new));
  }
}
