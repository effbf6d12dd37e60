package io.naap.router.admission;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/** What was set aside for one job. Guarded by its tenant's lock. */
public final class Hold {
  final String id;
  final ReservationRequest demand;
  final BoundLimits terms;
  final SubjectQuotas key;
  final long[] amounts;

  /** Of each share, which of its windows it was taken from. */
  final long[] windows;

  /** The day or month whose caps it was taken from, as in {@link QuotaLease#window}; or empty. */
  private final String window;

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
      ReservationRequest demand,
      BoundLimits terms,
      SubjectQuotas key,
      long[] amounts,
      long[] windows,
      String window,
      long takenNanos,
      String fundingId,
      long abovePercent) {
    this.id = demand.hold();
    this.demand = demand;
    this.terms = terms;
    this.key = key;
    this.amounts = amounts;
    this.windows = windows;
    this.window = window;
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
    return new Hold(
        demand, terms, key, places, windows, window, takenNanos, fundingId, abovePercent);
  }

  public String id() {
    return id;
  }

  /** Where the money comes from; absent for a tenant that is not prepaid. */
  public Optional<String> fundingId() {
    return fundingId.isEmpty() ? Optional.empty() : Optional.of(fundingId);
  }

  /**
   * When the job counts: in usage it belongs to the day and month whose caps admitted it, also when
   * it ends later, or when the clocks of this router and of Redis differ around midnight.
   *
   * @param admitted when it was admitted, by this router's clock
   */
  public Instant countedAt(Instant admitted) {
    if (window.isEmpty() || admitted.toString().startsWith(window)) {
      return admitted;
    }
    boolean month = window.length() == "2026-01".length();
    LocalDate first = LocalDate.parse(month ? window + "-01" : window);
    Instant begins = first.atStartOfDay(ZoneOffset.UTC).toInstant();
    if (admitted.isBefore(begins)) {
      return begins;
    }
    LocalDate following = month ? first.plusMonths(1) : first.plusDays(1);
    return following.atStartOfDay(ZoneOffset.UTC).toInstant().minusMillis(1);
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
