package io.naap.contracts.events;

import java.time.Instant;

/**
 * Positions of a router's spool that no usage event will come from any more, so that nobody waits
 * for them. It is sent like usage, on a usage stream, again and again until {@link UsageCommitted}
 * has passed the range; twice is as good as once. It says nothing about an event of the range that
 * comes after all: that one is stored and charged.
 *
 * @param instance the router instance, as in {@link UsageRecorded}
 * @param missingFrom the first position, 1 or above; a usage event has no such field
 * @param missingTo the last position
 * @param reason {@link #UNREADABLE}, {@link #UNCLOSED} or {@link #FORGOTTEN}
 * @param foundAt when the router found it, by its clock
 */
public record UsageMissing(
    String instance, long missingFrom, long missingTo, String reason, Instant foundAt) {
  /** They were on the router's disk and cannot be read: usage was lost. */
  public static final String UNREADABLE = "unreadable";

  /**
   * The router was not stopped in order and goes on above everything it may have given out. Most of
   * the range, and after the death of a process alone all of it, was never used.
   */
  public static final String UNCLOSED = "unclosed";

  /** The router let go of them, confirmed, and metering does not have them any more. */
  public static final String FORGOTTEN = "forgotten";
}
