package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.money.NanoUsd;
import java.util.Optional;

/**
 * Compares a tenant's money in Redis with the ledger, and computes what Redis should have. The
 * ledger is right. All amounts are in nano-dollars.
 *
 * <p>Redis counts a job as spent at once, by the router's estimate; the ledger charges it later, by
 * its price. Of what Redis has spent, the ledger knows {@code settled}, which cost {@code charged}:
 * the difference is given back, and the rest is in flight.
 *
 * @param kind the worst difference, for metrics
 * @param amount above zero when Redis has too much money, below when too little
 * @param right what Redis should have
 * @param returned the sum given back, after the correction
 * @param inFlight spent in Redis and not charged in the ledger yet
 */
record Drift(Kind kind, long amount, Optional<AdmissionFunds> right, long returned, long inFlight) {
  /** The kinds of difference, the worst first. */
  enum Kind {
    /**
     * The amounts in Redis do not add up, or Redis counts another sum as leased than routers hold.
     */
    DOES_NOT_ADD_UP(true),
    /** Redis has more money than was ever set aside. */
    MORE_THAN_SET_ASIDE(true),
    /** Redis lost what was spent: an older state was restored, or a key was lost. */
    FORGOT_SPENDING(true),
    /**
     * Redis does not have all that was set aside, because an answer was lost; the router asks
     * again.
     */
    LESS_THAN_SET_ASIDE(false),
    /** Jobs cost another amount than they were settled with: the usual correction. */
    ESTIMATE(false),
    /** No difference. */
    NONE(false);

    private final boolean alarming;

    Kind(boolean alarming) {
      this.alarming = alarming;
    }

    /** True when a person must look at a difference that stays. */
    boolean isAlarming() {
      return alarming;
    }

    String wireName() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * A funding in the ledger.
   *
   * @param total ever set aside
   * @param left not charged and not returned
   * @param settled the sum that Redis settled the charged jobs with
   * @param withdrawn returned to the tenant unused
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
    // The sum that jobs were settled with, before anything was given back. Redis counts money that
    // was taken back for the tenant as spent.
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
      // Redis has nothing yet. When nothing was charged either, the router's next question brings
      // all of it.
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
