package io.naap.router.admission;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.metering.Unit;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;

/** The shares of one key, or of one tenant. Guarded by its tenant's lock. */
final class SubjectQuotas {
  final TenantQuotas tenant;

  /** As the store calls it: {@code k:key_...} or {@code t:ten_...}. */
  final String subject;

  final Map<String, QuotaLease> shares = new LinkedHashMap<>();

  /** What metering has stored of it, once the store has asked. */
  Seed seed;

  /** In line for the next call, once. */
  boolean queued;

  /** In line for a call that has room. */
  boolean reporting;

  /** In a call of which it is not known whether it was done. */
  boolean asked;

  boolean recalled;

  /** What is not counted here is to be told: at first, when it changes, and when more was used. */
  boolean telling = true;

  /** Jobs were admitted under limits, or without. */
  boolean bound;

  boolean seeding;
  long touchedNanos;
  long reportedNanos;

  /** The first usage event that no report tells of; zero for none. */
  long unreportedFrom;

  /** The first that is told of in a call that is not answered; zero for none. */
  long sentFrom;

  /** The last usage event that was settled, of this account or another. */
  long lastPosition;

  /** The last usage event that was its own; zero for none. */
  long ownPosition;

  /** The terms jobs of this key were last admitted under. */
  BoundLimits terms;

  /**
   * @param position of the spool: older usage was reported, or has nothing to do with these shares
   */
  SubjectQuotas(TenantQuotas tenant, String subject, long position) {
    this.lastPosition = position;
    this.tenant = tenant;
    this.subject = subject;
  }

  /**
   * Where counters begin.
   *
   * @param date the day that is meant, and by its month the month
   */
  record Seed(
      LocalDate date,
      KeyConsumption.Window day,
      KeyConsumption.Window month,
      KeyConsumption.Window lifetime) {
    LeaseCall.Start of(String what) {
      return new LeaseCall.Start(
          date.toString(), of(day, what), of(month, what), of(lifetime, what));
    }

    private static long of(KeyConsumption.Window used, String what) {
      if (what.equals(Cap.MONEY)) {
        return used.cost().nanos();
      }
      return used.units().get(what.equals("starts") ? Unit.REQUESTS : Unit.of(what));
    }
  }

  boolean isDirty() {
    for (QuotaLease share : shares.values()) {
      if (share.spent != 0 || share.balance < 0) {
        return true;
      }
    }
    return false;
  }

  /** Usage at a position was settled, and the store counts some of it. */
  void settled(long position) {
    unreportedFrom = unreportedFrom == 0 ? position : Math.min(unreportedFrom, position);
  }

  /** All that was settled so far is told of in a call. */
  void sent() {
    long first = unheardFrom();
    sentFrom = first == Long.MAX_VALUE ? 0 : first;
    unreportedFrom = 0;
  }

  /** The call was not done: it is still to be told. */
  void unsent() {
    if (sentFrom != 0) {
      settled(sentFrom);
      sentFrom = 0;
    }
  }

  /** The first usage event that the store may not have heard of; the largest number for none. */
  long unheardFrom() {
    long first = unreportedFrom == 0 ? Long.MAX_VALUE : unreportedFrom;
    return sentFrom == 0 ? first : Math.min(first, sentFrom);
  }

  boolean isEmpty() {
    for (QuotaLease share : shares.values()) {
      if ((!share.local && (share.balance != 0 || share.held != 0 || share.spent != 0))
          || (share.local && share.held != 0)) {
        return false;
      }
    }
    return true;
  }
}
