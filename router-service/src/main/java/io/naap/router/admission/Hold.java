package io.naap.router.admission;

import java.util.Optional;

/** What was set aside for one job. Guarded by its tenant's lock. */
public final class Hold {
  final String id;
  final Demand demand;
  final Terms terms;
  final Account key;
  final long[] amounts;
  final String[] windows;
  final long takenNanos;
  final String fundingId;
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
      String[] windows,
      long takenNanos,
      String fundingId) {
    this.id = demand.hold();
    this.demand = demand;
    this.terms = terms;
    this.key = key;
    this.amounts = amounts;
    this.windows = windows;
    this.takenNanos = takenNanos;
    this.fundingId = fundingId;
  }

  public String id() {
    return id;
  }

  /** Where the money comes from; absent for a tenant that is not prepaid. */
  public Optional<String> fundingId() {
    return fundingId.isEmpty() ? Optional.empty() : Optional.of(fundingId);
  }
}
