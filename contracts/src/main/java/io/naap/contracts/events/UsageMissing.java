package io.naap.contracts.events;

import java.time.Instant;

/**
 * Positions of a router's spool for which no usage event will come, so that metering does not wait
 * for them. The router publishes it on a usage stream, repeatedly, until {@link UsageCommitted} has
 * passed the range; duplicates are harmless. If an event of the range arrives after all, metering
 * stores and charges it.
 *
 * @param instance the router instance, as in {@link UsageRecorded}
 * @param missingFrom the first position, at least 1; usage events have no such field
 * @param missingTo the last position
 * @param reason {@link #UNREADABLE}, {@link #UNCLOSED} or {@link #FORGOTTEN}
 * @param foundAt when the router found it, by its own clock
 */
public record UsageMissing(
    String instance, long missingFrom, long missingTo, String reason, Instant foundAt) {
  /** The events were on the router's disk and cannot be read: usage was lost. */
  public static final String UNREADABLE = "unreadable";

  /**
   * The router was not shut down cleanly and continues above every position that it may have used.
   * Most of the range was never used; after a mere process crash, none of it was.
   */
  public static final String UNCLOSED = "unclosed";

  /**
   * The router deleted the events after metering had confirmed them, and metering has lost them
   * since.
   */
  public static final String FORGOTTEN = "forgotten";
}
