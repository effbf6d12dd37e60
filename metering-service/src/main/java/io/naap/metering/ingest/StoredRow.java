package io.naap.metering.ingest;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.PeriodUsage;
import java.time.Instant;

/**
 * An event as it is written.
 *
 * @param eventId its own, or one made from it when it replaces another
 * @param late its period was closed when it came
 * @param networkCost by the cost book, nano-dollars; null when it has no price
 * @param corrects the event it replaces, else null
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
