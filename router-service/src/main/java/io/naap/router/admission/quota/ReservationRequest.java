package io.naap.router.admission.quota;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;
import io.naap.router.limit.Limits;
import io.naap.router.limit.Policy;
import java.time.Duration;

/**
 * What a job asks for before it may be forwarded.
 *
 * @param hold names the hold, as {@code <request id>-<number>}; asking twice with one name takes
 *     one hold
 * @param prepaid whether money must be set aside
 * @param counts what it is counted as, whatever it uses
 * @param ttl after which the hold gives itself back when nobody settles it
 */
public record ReservationRequest(
    String hold,
    String tenantId,
    String keyId,
    Limits limits,
    Amounts amounts,
    boolean prepaid,
    Counts counts,
    Duration ttl) {
  /**
   * How much a job asks for.
   *
   * @param units to set aside, which are expected
   * @param most that the job may come to and be billed for; no less than {@code units}
   * @param cost of {@code units}
   */
  public record Amounts(Units units, Units most, NanoUsd cost) {
    public static final Amounts NONE = new Amounts(Units.NONE, Units.NONE, NanoUsd.ZERO);

    public Amounts {
      if (cost.isNegative() || cost.nanos() > Policy.MAX) {
        throw tooLarge();
      }
      for (Unit unit : Unit.ALL) {
        if (most.get(unit) > Policy.MAX) {
          throw tooLarge();
        }
      }
    }

    private static InvalidInput tooLarge() {
      return new InvalidInput("the job is larger than can be admitted");
    }
  }

  /** What a job is where requests are counted, and how long it has its concurrency slot. */
  public enum Counts {
    /** One request, in its slot until it is settled. */
    JOB(true, true),

    /** One request that outlives its hold, in a slot of its own until the stream ends. */
    STREAM(true, true),

    /** A further stretch of a stream, or the end of one. */
    STRETCH(false, false),

    /** The slot of a stream and nothing else; the hold is the slot, which is never settled. */
    SLOT(false, true);

    private final boolean request;
    private final boolean slot;

    Counts(boolean request, boolean slot) {
      this.request = request;
      this.slot = slot;
    }
  }

  /** What the slot of a stream is called, by the id of the request that began it. */
  public static String slotOf(String requestId) {
    return requestId + "-place";
  }

  /** The slot of the stream that begins with this hold. */
  public String streamSlot() {
    return slotOf(hold.substring(0, hold.lastIndexOf('-')));
  }

  public Units units() {
    return amounts.units();
  }

  public Units most() {
    return amounts.most();
  }

  public NanoUsd cost() {
    return amounts.cost();
  }

  /** For limits on requests. */
  boolean isRequest() {
    return counts.request;
  }

  /** For limits on jobs at once. */
  boolean takesSlot() {
    return counts.slot;
  }
}
