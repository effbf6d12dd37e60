package io.naap.contracts.events;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.text.PlainText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One job, or one stretch of a live stream, as the router measured it.
 *
 * @param eventId {@code <requestId>-<sequence>}: unique for ever
 * @param requestId {@code req_...}; a live stream keeps one for its whole life
 * @param sequence 0 for a job; 0, 1, 2, ... for the stretches of a live stream
 * @param instance the router instance, and
 * @param spoolPosition where its spool holds the event
 * @param occurredAt when the job, or the stretch, was admitted: the minute, day and month it counts
 *     in, in limits and in usage alike. It ended {@code latencyMillis} after {@code openedAt}
 * @param capability for example {@code text-to-image}
 * @param model as routed
 * @param gateway the gateway's name in the routing table
 * @param status HTTP status the client was answered with
 * @param outcome {@code succeeded}, {@code partial} (delivered in part) or {@code failed} (not
 *     billed: units are empty)
 * @param plan the plan version in force, {@code pln_...@version}
 * @param fundingId the funding the hold was taken from; absent for a tenant that is not prepaid
 * @param estimatedCost what the router settled the hold with
 * @param latencyMillis from the request's first byte to the answer's last
 * @param openedAt when the job began
 */
public record UsageRecorded(
    String eventId,
    String requestId,
    int sequence,
    String instance,
    long spoolPosition,
    Instant openedAt,
    Instant occurredAt,
    String tenantId,
    String keyId,
    List<String> tags,
    String capability,
    String model,
    String tier,
    String pool,
    String gateway,
    int status,
    String outcome,
    Units units,
    String plan,
    Optional<String> fundingId,
    NanoUsd estimatedCost,
    long latencyMillis) {
  /** The most characters of any text of an event. */
  public static final int MOST_TEXT = 512;

  /** The most tags of an event. */
  public static final int MOST_TAGS = 64;

  public UsageRecorded {
    tags = List.copyOf(tags);
  }

  /**
   * True for text that metering stores. Whatever becomes part of an event must be such a text
   * before the job is served, for a job whose event cannot be stored is paid by nobody.
   */
  public static boolean canHold(String text) {
    return text != null && text.length() <= MOST_TEXT && PlainText.isStorable(text);
  }
}
