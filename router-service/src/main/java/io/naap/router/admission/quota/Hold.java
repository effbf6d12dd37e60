package io.naap.router.admission.quota;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.limit.Policy;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/** What is set aside for one job. Its amounts and state are guarded by its tenant's lock. */
public final class Hold {
  /** Limits per minute do not count any more what began so long ago. */
  private static final Duration MINUTE = Duration.ofSeconds(61);

  private final ReservationRequest request;
  private final QuotaBinding binding;

  /** By lease: what was taken of it. */
  private final long[] amounts;

  /** By lease: the number of its window when it was taken. */
  private final long[] windows;

  /** The day or month whose caps it was taken from, as in {@link QuotaLease#window}; or empty. */
  private final String window;

  private final long takenNanos;
  private final String fundingId;
  private final long abovePercent;
  private State state = State.OPEN;

  enum State {
    OPEN,
    /** Given back; settled later, it is debited in full. */
    EXPIRED,
    SETTLED
  }

  /**
   * @param fundingId of the money; empty for a tenant that is not prepaid
   * @param abovePercent what a job may come to above its hold, in percent of the hold
   */
  Hold(
      ReservationRequest request,
      QuotaBinding binding,
      long[] amounts,
      long[] windows,
      String window,
      long takenNanos,
      String fundingId,
      long abovePercent) {
    this.request = request;
    this.binding = binding;
    this.amounts = amounts;
    this.windows = windows;
    this.window = window;
    this.takenNanos = takenNanos;
    this.fundingId = fundingId;
    this.abovePercent = abovePercent;
  }

  /** Makes its concurrency slot a hold of its own, which is not given back with this one. */
  Hold splitSlot() {
    long[] slots = new long[amounts.length];
    for (int at = 0; at < slots.length; at++) {
      if (binding.lease(at).amount().kind() == Policy.Kind.CONCURRENT) {
        slots[at] = amounts[at];
        amounts[at] = 0;
      }
    }
    return new Hold(request, binding, slots, windows, window, takenNanos, fundingId, abovePercent);
  }

  public String id() {
    return request.hold();
  }

  public ReservationRequest request() {
    return request;
  }

  public QuotaBinding binding() {
    return binding;
  }

  TenantQuotas tenant() {
    return binding.key().tenant();
  }

  long window(int lease) {
    return windows[lease];
  }

  /** The money's funding; absent for a tenant that is not prepaid. */
  public Optional<String> fundingId() {
    return fundingId.isEmpty() ? Optional.empty() : Optional.of(fundingId);
  }

  public boolean isOverdue(long nanos) {
    return nanos - takenNanos >= request.ttl().toNanos();
  }

  /** True once limits per minute do not count it any more. */
  public boolean isOlderThanMinute(long nanos) {
    return nanos - takenNanos >= MINUTE.toNanos();
  }

  /**
   * When the job counts. In usage it belongs to the day and month whose caps admitted it, also when
   * the clocks of this router and of Redis differ around midnight.
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
   * What of the measured units is billed: at most the hold and {@code abovePercent} of it more.
   * Only a wrong estimate or a gateway that reports too much comes to more; the customer does not
   * pay for that.
   */
  public Units billable(Units measured) {
    Units billed = measured;
    for (Unit unit : Unit.ALL) {
      long held = request.most().get(unit);
      long most = held + held / 100 * abovePercent + held % 100 * abovePercent / 100;
      if (held > 0 && measured.get(unit) > most) {
        billed = billed.with(unit, most);
      }
    }
    return billed;
  }

  // --- under the tenant's lock ---

  /** Settles it once; false when it was settled before. */
  boolean settle(Units units, NanoUsd cost, long second, long nanos, LeaseQueue queue) {
    if (state == State.SETTLED) {
      return false;
    }
    boolean old = isOlderThanMinute(nanos);
    for (int at = 0; at < amounts.length; at++) {
      QuotaLease lease = binding.lease(at);
      if (lease.amount().isCountedAtStart() || isWindowOver(at)) {
        continue;
      }
      long used =
          lease.amount().ofMoney()
              ? cost.nanos()
              : lease.amount().unit() == null ? 0 : units.get(lease.amount().unit());
      if (lease.amount().kind() == Policy.Kind.MINUTE && old) {
        used = 0;
      }
      if (!lease.settle(state == State.OPEN ? amounts[at] : 0, used, second)) {
        queue.ask(lease.subject());
      }
    }
    state = State.SETTLED;
    return true;
  }

  private boolean isWindowOver(int at) {
    QuotaLease lease = binding.lease(at);
    return lease.amount().hasWindow() && lease.windows() != windows[at];
  }

  /** Tells the key and its tenant which usage event this hold was settled with. */
  void settledAt(long position, long nanos) {
    SubjectQuotas key = binding.key();
    SubjectQuotas tenant = key.tenant().subject();
    boolean ofKey = false;
    boolean ofTenant = false;
    for (int at = 0; at < amounts.length; at++) {
      QuotaLease lease = binding.lease(at);
      if (!lease.amount().local()) {
        boolean own = lease.subject() == key;
        ofKey |= own;
        ofTenant |= !own;
      }
    }
    tenant.missedBy(binding.leases());
    key.missedBy(binding.leases());
    tenant.settled(position, ofTenant);
    key.settled(position, ofKey);
    tenant.touch(nanos);
    key.touch(nanos);
  }

  /** Gives it back unused; false when it was given back or settled before. */
  boolean release() {
    if (state != State.OPEN) {
      return false;
    }
    giveBack(false);
    state = State.EXPIRED;
    return true;
  }

  /** Gives back what it took of limits per minute. */
  void releaseMinutes() {
    if (state == State.OPEN) {
      giveBack(true);
    }
  }

  private void giveBack(boolean minutesOnly) {
    for (int at = 0; at < amounts.length; at++) {
      QuotaLease lease = binding.lease(at);
      if (lease.amount().isCountedAtStart()
          || (minutesOnly && lease.amount().kind() != Policy.Kind.MINUTE)) {
        continue;
      }
      if (!isWindowOver(at)) {
        lease.release(amounts[at]);
      }
      amounts[at] = 0;
    }
  }
}
