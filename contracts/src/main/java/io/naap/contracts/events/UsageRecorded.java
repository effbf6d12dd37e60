package io.naap.contracts.events;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.text.PlainText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The usage of one job, or of one segment of a live stream, as the router measured it. In JSON the
 * fields of all parts form one flat object.
 */
public record UsageRecorded(
    @JsonUnwrapped Source source,
    @JsonUnwrapped Who who,
    @JsonUnwrapped What what,
    @JsonUnwrapped End end) {
  /** The most characters of any text in an event. */
  public static final int MOST_TEXT = 512;

  /** The most tags in an event. */
  public static final int MOST_TAGS = 64;

  /**
   * Identifies the event and states its time.
   *
   * @param eventId {@code <requestId>-<sequence>}, globally unique
   * @param requestId {@code req_...}; a live stream keeps the same id until it ends
   * @param sequence 0 for a job; 0, 1, 2, ... for the segments of a live stream
   * @param instance the router instance
   * @param spoolPosition the event's position in the instance's spool
   * @param openedAt when the job began
   * @param occurredAt when the job or segment was admitted; decides the minute, day and month that
   *     limits and usage count it in
   */
  public record Source(
      String eventId,
      String requestId,
      int sequence,
      String instance,
      long spoolPosition,
      Instant openedAt,
      Instant occurredAt) {}

  /** Tenant and key that the job belongs to. */
  public record Who(String tenantId, String keyId, List<String> tags) {
    public Who {
      tags = List.copyOf(tags);
    }
  }

  /**
   * What ran, and where.
   *
   * @param capability for example {@code text-to-image}
   * @param model as the router chose it
   * @param gateway the gateway's name in the routing table
   */
  public record What(String capability, String model, String tier, String pool, String gateway) {}

  /**
   * How the job ended.
   *
   * @param status HTTP status of the response to the client
   * @param outcome of a failed job nothing is billed: units are empty
   * @param plan the plan version in force, {@code pln_...@version}
   * @param fundingId the funding that the hold was taken from; absent for a tenant that does not
   *     pay in advance
   * @param estimatedCost what the router settled the hold with
   * @param latencyMillis from the request's first byte to the response's last; the job ended this
   *     long after {@code openedAt}
   */
  public record End(
      int status,
      JobOutcome outcome,
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

  public JobOutcome outcome() {
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
   * True for text that metering can store. The router checks every text of an event with this
   * before it serves the job, because a job whose event cannot be stored is not paid.
   */
  public static boolean canHold(String text) {
    return text != null && text.length() <= MOST_TEXT && PlainText.isStorable(text);
  }
}
