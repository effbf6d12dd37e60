package io.naap.router.admission;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Duration;

/**
 * What a job asks for before it may be forwarded.
 *
 * @param hold names the hold for ever; asking twice with one name takes one hold
 * @param starts false for a further stretch of a stream that already counts as one request
 * @param units to set aside, which are expected
 * @param most that it may come to and be billed for; no less than {@code units}
 * @param cost of {@code units}
 * @param prepaid whether money must be set aside
 * @param ttl after which the hold gives itself back when nobody settles it
 */
public record Demand(
    String hold,
    String tenantId,
    String keyId,
    Limits limits,
    Units units,
    Units most,
    NanoUsd cost,
    boolean prepaid,
    boolean starts,
    Duration ttl) {
  /** Lua counts exactly below this. */
  public static final long MAX = 1L << 52;

  public Demand {
    if (cost.isNegative() || cost.nanos() > MAX) {
      throw new IllegalArgumentException("the job is larger than can be admitted");
    }
    for (Unit unit : Unit.ALL) {
      if (most.get(unit) > MAX) {
        throw new IllegalArgumentException("the job is larger than can be admitted");
      }
    }
  }
}
