package io.naap.contracts.events;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.text.PlainText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One job, or one stretch of a live stream, as the router measured it. In JSON it is one flat
 * object with the fields of all parts.
 */
public record UsageRecorded(
    @JsonUnwrapped Source source,
    @JsonUnwrapped Who who,
    @JsonUnwrapped What what,
    @JsonUnwrapped End end) {
  /** The most characters of any text of an event. */
  public static final int MOST_TEXT = 512;

  /** The most tags of an event. */
  public static final int MOST_TAGS = 64;

  /**
   * Which event it is, and of when.
   *
   * @param eventId {@code <requestId>-<sequence>}: unique for ever
   * @param requestId {@code req_...}; a live stream keeps one for its whole life
   * @param sequence 0 for a job; 0, 1, 2, ... for the stretches of a live stream
   * @param instance the router instance
   * @param spoolPosition where the instance's spool holds the event
   * @param openedAt when the job began
   * @param occurredAt when the job, or the stretch, was admitted: the minute, day and month it
   *     counts in, in limits and in usage alike
   */
  public record Source(
      String eventId,
      String requestId,
      int sequence,
      String instance,
      long spoolPosition,
      Instant openedAt,
      Instant occurredAt) {}

  /** Whose job it was. */
  public record Who(String tenantId, String keyId, List<String> tags) {
    public Who {
      tags = List.copyOf(tags);
    }
  }

  /**
   * What was done, and where.
   *
   * @param capability for example {@code text-to-image}
   * @param model as routed
   * @param gateway the gateway's name in the routing table
   */
  public record What(String capability, String model, String tier, String pool, String gateway) {}

  /**
   * How it ended.
   *
   * @param status HTTP status the client was answered with
   * @param outcome {@code succeeded}, {@code partial} (delivered in part) or {@code failed} (not
   *     billed: units are empty)
   * @param plan the plan version in force, {@code pln_...@version}
   * @param fundingId the funding the hold was taken from; absent for a tenant that is not prepaid
   * @param estimatedCost what the router settled the hold with
   * @param latencyMillis from the request's first byte to the answer's last; the job ended so long
   *     after {@code openedAt}
   */
  public record End(
      int status,
      String outcome,
      Units units,
      String plan,
      Optional<String> fundingId,
      NanoUsd estimatedCost,
      long latencyMillis) {}

  public String eventId() {
    return source.eventId;
  }

  public String requestId() {
    return source.requestId;
  }

  public int sequence() {
    return source.sequence;
  }

  public String instance() {
    return source.instance;
  }

  public long spoolPosition() {
    return source.spoolPosition;
  }

  public Instant openedAt() {
    return source.openedAt;
  }

  public Instant occurredAt() {
    return source.occurredAt;
  }

  public String tenantId() {
    return who.tenantId;
  }

  public String keyId() {
    return who.keyId;
  }

  public List<String> tags() {
    return who.tags;
  }

  public String capability() {
    return what.capability;
  }

  public String model() {
    return what.model;
  }

  public String tier() {
    return what.tier;
  }

  public String pool() {
    return what.pool;
  }

  public String gateway() {
    return what.gateway;
  }

  public int status() {
    return end.status;
  }

  public String outcome() {
    return end.outcome;
  }

  public Units units() {
    return end.units;
  }

  public String plan() {
    return end.plan;
  }

  public Optional<String> fundingId() {
    return end.fundingId;
  }

  public NanoUsd estimatedCost() {
    return end.estimatedCost;
  }

  public long latencyMillis() {
    return end.latencyMillis;
  }

  /**
   * True for text that metering stores. Whatever becomes part of an event must be such a text
   * before the job is served, for a job whose event cannot be stored is paid by nobody.
   */
  public static boolean canHold(String text) {
    return text != null && text.length() <= MOST_TEXT && PlainText.isStorable(text);
  }
}
