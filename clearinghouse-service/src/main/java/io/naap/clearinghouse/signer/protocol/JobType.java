package io.naap.clearinghouse.signer.protocol;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The job types of go-livepeer's payment requests, and how many units a payment covers. */
public enum JobType {
  /**
   * Live video: pixels of a 720p stream with 30 frames a second, for the time since the last
   * payment.
   */
  LV2V("lv2v", "720p-pixel-seconds", Duration.ofSeconds(60)),
  /** Seconds since the last payment. */
  LIVE("live", "seconds", Duration.ofSeconds(10)),
  /** One unit a payment. */
  FIXED("fixed", "fixed", Duration.ZERO),
  /** The pixels that the request names. */
  PIXELS("", "", Duration.ZERO);

  private static final BigInteger LV2V_PIXELS_PER_SECOND = BigInteger.valueOf(1280L * 720 * 30);
  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

  private static final Map<String, JobType> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(one -> one.wireName, one -> one));

  private final String wireName;
  private final String priceUnit;
  private final Duration preload;

  JobType(String wireName, String priceUnit, Duration preload) {
    this.wireName = wireName;
    this.priceUnit = priceUnit;
    this.preload = preload;
  }

  /** Absent when go-livepeer has no such type. */
  public static Optional<JobType> of(String wireName) {
    return Optional.ofNullable(BY_NAME.get(wireName));
  }

  /** The capability that a payment of this type is recorded under. */
  public String capability() {
    return switch (this) {
      case LV2V -> "live-video-to-video";
      case LIVE, FIXED -> wireName;
      case PIXELS -> "other";
    };
  }

  /** The unit of a {@code maxPrice}; empty when this type has no such ceiling. */
  public String priceUnit() {
    return priceUnit;
  }

  /** True for the types that are paid by time. */
  public boolean isLive() {
    return this == LV2V || this == LIVE;
  }

  /**
   * The units of a payment.
   *
   * @param elapsed since the session's last payment; a first payment covers a fixed time ahead
   * @param inPixels as the request names them
   */
  public BigInteger units(Duration elapsed, long inPixels) {
    return switch (this) {
      case LV2V -> units(elapsed).floor();
      case LIVE -> units(elapsed).ceiling();
      case FIXED -> BigInteger.ONE;
      case PIXELS -> BigInteger.valueOf(inPixels);
    };
  }

  /** The exact units of a live type: pixels or seconds, as a fraction of 10^9. */
  public Fraction units(Duration elapsed) {
    Duration paid = elapsed.isPositive() ? elapsed : preload;
    BigInteger nanos =
        BigInteger.valueOf(paid.getSeconds())
            .multiply(NANOS)
            .add(BigInteger.valueOf(paid.getNano()));
    return new Fraction(this == LV2V ? LV2V_PIXELS_PER_SECOND.multiply(nanos) : nanos, NANOS);
  }
}
