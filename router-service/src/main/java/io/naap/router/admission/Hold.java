package io.naap.router.admission;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.util.Optional;

/** What was set aside for one job. Guarded by its tenant's lock. */
public final class Hold {
  final String id;
  final Demand demand;
  final Terms terms;
  final Account key;
  final long[] amounts;

  /** Of each share, which of its windows it was taken from. */
  final long[] windows;

  final long takenNanos;
  final String fundingId;
  private final long abovePercent;
  State state = State.OPEN;

  enum State {
    OPEN,
    /** Given back; settled later, it is debited in full. */
    EXPIRED,
    SETTLED
  }

  Hold(
      Demand demand,
      Terms terms,
      Account key,
      long[] amounts,
      long[] windows,
      long takenNanos,
      String fundingId,
      long abovePercent) {
    this.id = demand.hold();
    this.demand = demand;
    this.terms = terms;
    this.key = key;
    this.amounts = amounts;
    this.windows = windows;
    this.takenNanos = takenNanos;
    this.fundingId = fundingId;
    this.abovePercent = abovePercent;
  }

  /** Its places at once, apart from all else of it: they are not given back with it. */
  Hold partPlace() {
    long[] places = new long[amounts.length];
    for (int at = 0; at < places.length; at++) {
      if (terms.shares[at].kind == Policy.Kind.CONCURRENT) {
        places[at] = amounts[at];
        amounts[at] = 0;
      }
    }
    return new Hold(demand, terms, key, places, windows, takenNanos, fundingId, abovePercent);
  }

  public String id() {
    return id;
  }

  /** Where the money comes from; absent for a tenant that is not prepaid. */
  public Optional<String> fundingId() {
    return fundingId.isEmpty() ? Optional.empty() : Optional.of(fundingId);
  }

  /**
   * What of the measured units is billed: a job that came to more than was allowed pays for it up
   * to a bound, for what was delivered; what lies above, which only a wrong estimate or a gateway
   * that tells stories makes, is not the customer's.
   */
  public Units billable(Units measured) {
    Units billed = measured;
    for (Unit unit : Unit.ALL) {
      long held = demand.most().get(unit);
      long most = held + held / 100 * abovePercent + held % 100 * abovePercent / 100;
      if (held > 0 && measured.get(unit) > most) {
        billed = billed.with(unit, most);
      }
    }
    return billed;
  }
}
