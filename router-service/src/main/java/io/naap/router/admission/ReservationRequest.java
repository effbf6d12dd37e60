package io.naap.router.admission;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;
import java.time.Duration;

/**
 * What a job asks for before it may be forwarded.
 *
 * @param hold names the hold for ever, as {@code <request id>-<number>}; asking twice with one name
 *     takes one hold
 * @param counts what it is counted as, whatever it uses
 * @param units to set aside, which are expected
 * @param most that it may come to and be billed for; no less than {@code units}
 * @param cost of {@code units}
 * @param prepaid whether money must be set aside
 * @param ttl after which the hold gives itself back when nobody settles it
 */
public record ReservationRequest(
    String hold,
    String tenantId,
    String keyId,
    Limits limits,
    Units units,
    Units most,
    NanoUsd cost,
    boolean prepaid,
    Counts counts,
    Duration ttl) {
  /** Lua counts exactly below this. */
  public static final long MAX = 1L << 52;

  /** What a job is where requests are counted, and how long it has its place at once. */
  public enum Counts {
    /** One request, in its place until it is settled. */
    JOB(true, true),

    /** One request that outlives its hold, in a place of its own until that is left. */
    STREAM(true, true),

    /** A further stretch of a stream, or the end of one. */
    STRETCH(false, false),

    /** The place of a stream and nothing else; the hold is the place, and is left, not settled. */
    PLACE(false, true);

    private final boolean request;
    private final boolean place;

    Counts(boolean request, boolean place) {
      this.request = request;
      this.place = place;
    }
  }

  public ReservationRequest {
    if (cost.isNegative() || cost.nanos() > MAX) {
      throw new InvalidInput("the job is larger than can be admitted");
    }
    for (Unit unit : Unit.ALL) {
      if (most.get(unit) > MAX) {
        throw new InvalidInput("the job is larger than can be admitted");
      }
    }
  }

  /** What the place of a stream is called, by the id of the request that began it. */
  public static String placeOf(String requestId) {
    return requestId + "-place";
  }

  /** The place of the stream that begins with this hold. */
  String place() {
    return placeOf(hold.substring(0, hold.lastIndexOf('-')));
  }

  /** For rates of requests. */
  boolean isRequest() {
    return counts.request;
  }

  /** For limits of what runs at once. */
  boolean takesPlace() {
    return counts.place;
  }
}
