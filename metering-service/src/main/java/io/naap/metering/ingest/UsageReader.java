package io.naap.metering.ingest;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Reads a usage event from its text, or says why it is none. */
final class UsageReader {
  private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
  private static final Set<String> OUTCOMES = Set.of("succeeded", "partial", "failed");
  private static final int MAX_TEXT = 512;
  private static final int MAX_TAGS = 64;

  private UsageReader() {}

  /**
   * Reads an event.
   *
   * @throws IllegalArgumentException when it is none; the message says why
   */
  static UsageRecorded read(String payload) {
    if (payload == null) {
      throw new IllegalArgumentException("the entry has no event");
    }
    UsageRecorded event;
    try {
      event = Json.read(payload, UsageRecorded.class);
    } catch (NullPointerException missing) {
      throw new IllegalArgumentException("the event is incomplete", missing);
    }
    check(event, payload);
    return event;
  }

  private static void check(UsageRecorded event, String payload) {
    boolean complete =
        Stream.of(
                event.instance(),
                event.openedAt(),
                event.occurredAt(),
                event.outcome(),
                event.units(),
                event.plan(),
                event.fundingId(),
                event.estimatedCost())
            .allMatch(Objects::nonNull);
    boolean bounded =
        Stream.of(
                event.eventId(),
                event.tenantId(),
                event.keyId(),
                event.capability(),
                event.model(),
                event.tier(),
                event.pool(),
                event.gateway())
            .allMatch(text -> text != null && text.length() <= MAX_TEXT);
    if (!complete
        || !bounded
        || payload.contains("\\u0000")
        || event.tags().size() > MAX_TAGS
        || event.tags().stream().anyMatch(tag -> tag.length() > MAX_TEXT)
        || isImplausible(event.openedAt())
        || isImplausible(event.occurredAt())
        || event.sequence() < 0
        || event.spoolPosition() < 0
        || event.latencyMillis() < 0
        || !OUTCOMES.contains(event.outcome())
        || !IdKind.REQUEST.matches(event.requestId())
        || !event.eventId().equals(event.requestId() + "-" + event.sequence())) {
      throw new IllegalArgumentException("the event is incomplete or contradicts itself");
    }
  }

  /** Years a database or a person could not make sense of. */
  private static boolean isImplausible(Instant time) {
    return time.isBefore(EARLIEST) || time.isAfter(LATEST);
  }
}
