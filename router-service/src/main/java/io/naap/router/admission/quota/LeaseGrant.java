package io.naap.router.admission.quota;

/**
 * What Redis grants of one lease.
 *
 * @param granted on top of what the router had
 * @param kept the promise as Redis recorded it
 * @param taken used and out of all routers together; of money, what is left in the pool
 * @param resetMillis until more may be had; -1 for never
 * @param window the day or month it is for; empty when it has none
 * @param elsewhere out to other routers
 * @param total of money: all that was ever set aside
 * @param funding of money: the id of its funding, empty when there is none yet
 */
public record LeaseGrant(
    long granted,
    long kept,
    long taken,
    long resetMillis,
    String window,
    long elsewhere,
    long total,
    String funding) {}
