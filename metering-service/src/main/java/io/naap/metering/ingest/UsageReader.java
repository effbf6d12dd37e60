package io.naap.metering.ingest;

import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.EventId;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import java.time.Instant;
import java.util.Optional;

/** Parses and checks a usage event; says why a text is not one. */
public final class UsageReader {
  private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

  /** Upper limit for a range's end, so that adding one to it does not overflow. */
  private static final long LAST_POSITION = Long.MAX_VALUE / 2;

  private UsageReader() {}

  /**
   * Parses an event.
   *
   * @throws IllegalArgumentException when the text is not a valid event; the message says why
   */
  public static UsageRecorded read(String payload) {
    if (payload == null) {
      throw new IllegalArgumentException("the entry has no event");
    }
    UsageRecorded event;
    try {
      event = Json.read(payload, UsageRecorded.class);
    } catch (NullPointerException missing) {
      throw new IllegalArgumentException("the event is incomplete", missing);
    }
    if (!isSound(event)) {
      throw new IllegalArgumentException("the event is incomplete or contradicts itself");
    }
    return event;
  }

  /**
   * Parses a range that a router declares missing; absent when the text is something else, such as
   * an event.
   */
  static Optional<UsageMissing> missing(String payload) {
    if (payload == null || !payload.contains("\"missing_from\"")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.read(payload, UsageMissing.class)).filter(UsageReader::isSound);
    } catch (IllegalArgumentException other) {
      return Optional.empty();
    }
  }

  private static boolean isSound(UsageMissing missing) {
    return isBounded(missing.instance())
        && isBounded(missing.reason())
        && missing.missingFrom() > 0
        && missing.missingTo() >= missing.missingFrom()
        && missing.missingTo() < LAST_POSITION
        && missing.foundAt() != null
        && !isImplausible(missing.foundAt());
  }

  /** Whether an event has all fields, within their limits, and does not contradict itself. */
  static boolean isSound(UsageRecorded event) {
    return isComplete(event)
        && event.tags().size() <= UsageRecorded.MOST_TAGS
        && event.tags().stream().allMatch(UsageReader::isBounded)
        && event.fundingId().map(UsageReader::isBounded).orElse(true)
        && isBounded(event.instance())
        && isBounded(event.plan())
        && !isImplausible(event.openedAt())
        && !isImplausible(event.occurredAt())
        && event.sequence() >= 0
        && event.spoolPosition() >= 0
        && event.latencyMillis() >= 0
        && IdKind.REQUEST.matches(event.requestId())
        && event.eventId().equals(EventId.of(event.requestId(), event.sequence()));
  }

  private static boolean isComplete(UsageRecorded event) {
    return event.instance() != null
        && event.openedAt() != null
        && event.occurredAt() != null
        && event.outcome() != null
        && event.units() != null
        && event.plan() != null
        && event.fundingId() != null
        && event.estimatedCost() != null
        && isBounded(event.eventId())
        && isBounded(event.tenantId())
        && isBounded(event.keyId())
        && isBounded(event.capability())
        && isBounded(event.model())
        && isBounded(event.tier())
        && isBounded(event.pool())
        && isBounded(event.gateway());
  }

  private static boolean isBounded(String text) {
    return UsageRecorded.canHold(text);
  }

  /** Times before 2020 or after 2200 are errors of the sender. */
  private static boolean isImplausible(Instant time) {
    return time.isBefore(EARLIEST) || time.isAfter(LATEST);
  }
}
