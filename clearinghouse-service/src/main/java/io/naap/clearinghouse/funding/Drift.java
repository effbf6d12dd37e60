package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.money.NanoUsd;
import java.util.Optional;

/**
 * Compares admission's money of a tenant with the ledger's, and says what admission's books should
 * hold. The ledger is right. All in nano-dollars.
 *
 * <p>Admission counts jobs as spent by the router's estimate and at once, the ledger charges them
 * by their price and later. So of what admission says is spent, {@code settled} is known to the
 * ledger and cost {@code charged}; the difference is given back; the rest is in flight.
 *
 * @param kind what is wrong first, for metrics
 * @param amount how much money admission has too much (above zero) or too little
 * @param right the books as they should be, when they can be said
 * @param returned what was given back, after the correction
 * @param inFlight what admission has spent and the ledger does not know of
 */
record Drift(Kind kind, long amount, Optional<AdmissionFunds> right, long returned, long inFlight) {
  /** What may be wrong, the worst first. */
  enum Kind {
    /** Admission's books do not add up, or count another sum as leased than routers hold. */
    DOES_NOT_ADD_UP(true),
    /** Admission knows of more money than was ever set aside. */
    MORE_THAN_SET_ASIDE(true),
    /** Admission has forgotten what was spent: an older state, or a lost key. */
    FORGOT_SPENDING(true),
    /** An answer was lost: admission does not know of all that was set aside; it asks again. */
    LESS_THAN_SET_ASIDE(false),
    /** Jobs cost less, or more, than they were settled with: the usual correction. */
    ESTIMATE(false),
    /** As it should be. */
    NONE(false);

    private final boolean alarming;

    Kind(boolean alarming) {
      this.alarming = alarming;
    }

    /** Whether a person must look, when it does not go away by itself. */
    boolean isAlarming() {
      return alarming;
    }

    String wireName() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * The ledger's side.
   *
   * @param total ever set aside
   * @param left of it, not charged
   * @param settled what admission settled the charged jobs with
   * @param withdrawn of it, what went back to the tenant unused
   */
  record Booked(String fundingId, NanoUsd total, NanoUsd left, NanoUsd settled, NanoUsd withdrawn) {
    long charged() {
      return total.minus(left).minus(withdrawn).nanos();
    }
  }

  /**
   * Compares.
   *
   * @param page read before {@code booked}, so that what only grows is never ahead of it
   */
  static Drift of(Booked booked, AdmissionStore.Page page) {
    AdmissionFunds funds =
        page.funds()
            .filter(known -> known.funding().equals(booked.fundingId()))
            .orElse(new AdmissionFunds(booked.fundingId(), 0, 0, 0, 0));
    long total = booked.total().nanos();
    long known = Math.min(funds.total(), total);
    long returned = booked.settled().nanos() - booked.charged();
    // By what jobs were settled with, not by what was given back of it since.
    // Admission counts what was taken back for the tenant as spent.
    long reported = funds.spent() - page.withdrawn() + page.returned();
    boolean isNew = funds.total() == 0;
    long leastReported = booked.settled().nanos() - page.out();
    long spent = reported < leastReported ? booked.settled().nanos() : reported;
    long leased = page.out();
    long rightTotal = isNew ? total : known;
    AdmissionFunds right =
        new AdmissionFunds(
            booked.fundingId(),
            rightTotal,
            rightTotal - leased - (spent - returned) - booked.withdrawn().nanos(),
            leased,
            spent - returned + booked.withdrawn().nanos());
    return new Drift(
        kind(booked, page, funds, reported < leastReported, returned),
        funds.available() - right.available(),
        Optional.of(right),
        returned,
        spent - booked.settled().nanos());
  }

  private static Kind kind(
      Booked booked,
      AdmissionStore.Page page,
      AdmissionFunds funds,
      boolean forgot,
      long returned) {
    if (funds.total() == 0) {
      // Nothing came to admission yet; where nothing was charged either, the router's next question
      // brings it all.
      return booked.charged() > 0 || booked.withdrawn().isPositive() || page.out() != 0
          ? Kind.FORGOT_SPENDING
          : Kind.NONE;
    }
    if (funds.total() > booked.total().nanos()) {
      return Kind.MORE_THAN_SET_ASIDE;
    }
    if (funds.total() != funds.available() + funds.leased() + funds.spent()
        || funds.leased() != page.out()) {
      return Kind.DOES_NOT_ADD_UP;
    }
    if (forgot) {
      return Kind.FORGOT_SPENDING;
    }
    if (returned != page.returned() || booked.withdrawn().nanos() != page.withdrawn()) {
      return Kind.ESTIMATE;
    }
    return funds.total() < booked.total().nanos() ? Kind.LESS_THAN_SET_ASIDE : Kind.NONE;
  }
}
