package io.naap.metering.ingest;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.PeriodUsage;
import java.time.Instant;

/**
 * A rated event as it is written to {@code usage_event}.
 *
 * @param eventId the event's id; with {@code -c} appended when it replaces another event
 * @param late true when the event's period was closed before it arrived
 * @param networkCost the operator's cost by the cost book, in nano-dollars; null when the book has
 *     no price for it
 * @param corrects the id of the event it replaces, or null
 */
public record StoredRow(
    RatedEvent metered,
    String eventId,
    boolean late,
    Long networkCost,
    Instant receivedAt,
    String corrects) {
  public UsageRecorded event() {
    return metered.event();
  }

  public boolean isQuarantined() {
    return metered instanceof RatedEvent.Quarantined;
  }

  public String state() {
    if (isQuarantined()) {
      return "quarantined";
    }
    return late ? "late" : "accepted";
  }

  public String reason() {
    return metered instanceof RatedEvent.Quarantined quarantined ? quarantined.reason() : null;
  }

  public long sponsored() {
    return metered.sponsored().map(Sponsored::amount).map(NanoUsd::nanos).orElse(0L);
  }

  public String budgetId() {
    return metered.sponsored().map(Sponsored::budgetId).orElse(null);
  }

  public String position() {
    return metered instanceof RatedEvent.Charged charged
        ? charged.before().map(StoredRow::text).orElse(null)
        : null;
  }

  private static String text(PeriodUsage position) {
    return Json.write(position);
  }

  public String payload() {
    return isQuarantined() ? payload(event()) : null;
  }

  private static String payload(UsageRecorded event) {
    return Json.write(event);
  }
}
