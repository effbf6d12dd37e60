package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.List;

/**
 * One event, as it was stored.
 *
 * @param state {@code rated}, {@code unbilled} or {@code quarantined}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UsageEventView(
    String eventId,
    String requestId,
    int sequence,
    Instant openedAt,
    Instant occurredAt,
    String tenantId,
    String keyId,
    List<String> tags,
    String capability,
    String model,
    String tier,
    int status,
    String outcome,
    Units units,
    String seconds,
    String minutes,
    String plan,
    String state,
    NanoUsd cost,
    long latencyMillis) {
  public UsageEventView {
    tags = List.copyOf(tags);
  }

  /** A page of events, the newest first. */
  public record Page(List<UsageEventView> data, String nextCursor) {
    public Page {
      data = List.copyOf(data);
    }
  }
}
