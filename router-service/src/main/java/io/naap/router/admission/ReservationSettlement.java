package io.naap.router.admission;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.util.Arrays;
import java.util.Iterator;

/** Ends holds: settled once, or given back when their time is over. */
final class ReservationSettlement {
  private static final long SECOND = 1_000_000_000L;

  /** Counts of a minute are over for what began so long ago. */
  private static final long MINUTE = 61 * SECOND;

  private final QuotaTable book;

  ReservationSettlement(QuotaTable book) {
    this.book = book;
  }

  /** Settles once; what was used beyond the hold is debited as well. */
  boolean settle(Hold hold, Units units, NanoUsd cost, long position, long nanos) {
    TenantQuotas tenant = hold.key.tenant;
    synchronized (tenant) {
      if (hold.state == Hold.State.SETTLED) {
        return false;
      }
      long second = book.time().second(nanos);
      boolean late = nanos - hold.takenNanos >= MINUTE;
      QuotaLease[] shares = hold.terms.shares;
      boolean ofTenant = false;
      boolean ofKey = false;
      for (int at = 0; at < shares.length; at++) {
        QuotaLease share = shares[at];
        if (!share.local) {
          boolean own = share.account == hold.key;
          ofKey |= own;
          ofTenant |= !own;
        }
        boolean isOver = share.hasWindow() && share.windows != hold.windows[at];
        if (share.kind == Policy.Kind.RPM || share.kind == Policy.Kind.RPD || isOver) {
          continue;
        }
        long amount = hold.state == Hold.State.OPEN ? hold.amounts[at] : 0;
        long used = share.ofMoney ? cost.nanos() : share.unit == null ? 0 : units.get(share.unit);
        if (share.kind == Policy.Kind.MINUTE && late) {
          used = 0;
        }
        share.held -= amount;
        share.balance += amount - used;
        share.spend(used, second);
        if (share.balance < 0) {
          book.queue(share.account);
        }
      }
      missed(tenant.account, shares);
      missed(hold.key, shares);
      hold.state = Hold.State.SETTLED;
      book.reached(position);
      settled(tenant.account, position, ofTenant);
      settled(hold.key, position, ofKey);
      tenant.account.touchedNanos = nanos;
      hold.key.touchedNanos = nanos;
    }
    book.remove(hold);
    return true;
  }

  /** What is limited since the job began has not counted it. */
  private static void missed(SubjectQuotas account, QuotaLease[] counting) {
    for (QuotaLease share : account.shares.values()) {
      if (!share.unbound && share.isWindowed() && !Arrays.asList(counting).contains(share)) {
        share.missed = true;
        account.telling = true;
      }
    }
  }

  /**
   * Usage at a position was settled.
   *
   * @param counts whether the store is to hear of it: what is limited nowhere is not counted there
   */
  static void settled(SubjectQuotas account, long position, boolean counts) {
    account.lastPosition = Math.max(account.lastPosition, position);
    account.ownPosition = Math.max(account.ownPosition, position);
    if (counts) {
      account.settled(position);
    } else {
      account.telling = true;
    }
  }

  /** Gives back what nobody settled in time; settled later, it is debited in full. */
  int expire(long nanos) {
    int expired = 0;
    for (Iterator<Hold> all = book.holds().iterator(); all.hasNext(); ) {
      Hold hold = all.next();
      long age = nanos - hold.takenNanos;
      if (age >= hold.demand.ttl().toNanos()) {
        if (giveBack(hold, false)) {
          expired++;
        }
        all.remove();
      } else if (age >= MINUTE) {
        giveBack(hold, true);
      }
    }
    return expired;
  }

  /** A stream has ended, or another router has its place. */
  void leave(String place) {
    Hold left = book.removePlace(place);
    if (left != null) {
      giveBack(left, false);
    }
  }

  private static boolean giveBack(Hold hold, boolean minutesOnly) {
    synchronized (hold.key.tenant) {
      if (hold.state != Hold.State.OPEN) {
        return false;
      }
      QuotaLease[] shares = hold.terms.shares;
      for (int at = 0; at < shares.length; at++) {
        QuotaLease share = shares[at];
        boolean minute = share.kind == Policy.Kind.MINUTE;
        boolean counted = share.kind == Policy.Kind.RPM || share.kind == Policy.Kind.RPD;
        if (counted || (minutesOnly && !minute)) {
          continue;
        }
        if (!share.hasWindow() || share.windows == hold.windows[at]) {
          share.held -= hold.amounts[at];
          share.balance += hold.amounts[at];
        }
        hold.amounts[at] = 0;
      }
      if (!minutesOnly) {
        hold.state = Hold.State.EXPIRED;
      }
      return !minutesOnly;
    }
  }
}
