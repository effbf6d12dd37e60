package io.naap.contracts.ids;

/**
 * The ids of usage events: {@code <request id>-<sequence>}. The sequence is 0 for a job and counts
 * the segments of a live stream. An event that takes another one back has {@code -r} behind that
 * one's id, and one that replaces another has {@code -c}. SQL that makes or reads such ids names
 * this class.
 */
public final class EventId {
  private static final String REVERSAL = "-r";
  private static final String REPLACEMENT = "-c";

  private EventId() {}

  /** Of a job, or of a segment of a live stream. */
  public static String of(String requestId, int sequence) {
    return requestId + "-" + sequence;
  }

  /** Of the event that takes an event back. */
  public static String reversal(String eventId) {
    return eventId + REVERSAL;
  }

  /** Of the event that replaces an event. */
  public static String replacement(String eventId) {
    return eventId + REPLACEMENT;
  }

  /** The request that an event is of, whatever kind of event it is. */
  public static String requestId(String eventId) {
    int end = eventId.indexOf('-');
    return end < 0 ? eventId : eventId.substring(0, end);
  }
}
