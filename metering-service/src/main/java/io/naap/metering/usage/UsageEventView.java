package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.List;

/**
 * One event, as it was stored.
 *
 * @param state accepted, late (on the next invoice), taken back as corrected, reversal (takes
 *     another back; its units are those of the other) or quarantined
 * @param reason of a quarantined event
 * @param corrects the event that this one takes back or replaces
 * @param cost the tenant's part; negative in a reversal
 * @param sponsored a sponsor's part
 * @param waived what a trial or ceiling spared
 * @param networkCost what the network costs by the cost book; only for those who run the platform
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UsageEventView(
    String eventId,
    String requestId,
    int sequence,
    Instant openedAt,
    Instant occurredAt,
    Instant receivedAt,
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
    boolean late,
    String reason,
    String corrects,
    NanoUsd cost,
    NanoUsd sponsored,
    NanoUsd waived,
    NanoUsd networkCost,
    long latencyMillis) {
  public UsageEventView {
    tags = List.copyOf(tags);
  }

  UsageEventView withoutNetworkCost() {
    return networkCost == null
        ? this
        : new UsageEventView(
            eventId,
            requestId,
            sequence,
            openedAt,
            occurredAt,
            receivedAt,
            tenantId,
            keyId,
            tags,
            capability,
            model,
            tier,
            status,
            outcome,
            units,
            seconds,
            minutes,
            plan,
            state,
            late,
            reason,
            corrects,
            cost,
            sponsored,
            waived,
            null,
            latencyMillis);
  }
}
