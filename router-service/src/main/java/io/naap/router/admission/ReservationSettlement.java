package io.naap.router.admission;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.quota.Hold;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.QuotaTable;
import java.util.Iterator;

/** Ends holds: each is settled once, or gives itself back when its time is over. Any thread. */
final class ReservationSettlement {
  private final QuotaTable table;
  private final OpenHolds holds;

  ReservationSettlement(QuotaTable table, OpenHolds holds) {
    this.table = table;
    this.holds = holds;
  }

  /**
   * Settles a hold once. What was used beyond the hold is debited as well.
   *
   * @param position of the usage event in the spool
   * @return false when it was settled before
   */
  boolean settle(Hold hold, Units units, NanoUsd cost, long position, long nanos) {
    boolean settles = table.settle(hold, units, cost, position, nanos);
    if (settles) {
      holds.remove(hold);
    }
    return settles;
  }

  /**
   * Gives back what nobody settled in time; settled later, it is debited in full.
   *
   * @return how many holds were given back
   */
  int expire(long nanos) {
    int expired = 0;
    for (Iterator<Hold> all = holds.all().iterator(); all.hasNext(); ) {
      Hold hold = all.next();
      if (hold.isOverdue(nanos)) {
        if (table.release(hold)) {
          expired++;
        }
        all.remove();
      } else if (hold.isOlderThanMinute(nanos)) {
        table.releaseMinutes(hold);
      }
    }
    return expired;
  }

  /** A stream has ended, or another router has taken its slot. */
  void releaseSlot(String slot) {
    Hold left = holds.removeSlot(slot);
    if (left != null) {
      table.release(left);
    }
  }
}
