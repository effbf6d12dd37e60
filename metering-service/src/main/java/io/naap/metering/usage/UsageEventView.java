package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.List;

/**
 * A stored usage event as the API shows it.
 *
 * @param state {@code accepted}, {@code late} (on the next invoice), {@code "corrected"} (a
 *     reversal took it back), {@code reversal} (takes another event back; shows that event's units)
 *     or {@code quarantined}
 * @param reason why the event is quarantined
 * @param corrects the id of the event that this one reverses or replaces
 * @param cost what the tenant pays; negative in a reversal
 * @param sponsored what a sponsor pays
 * @param waived what nobody pays because of a trial or a ceiling
 * @param networkCost the operator's cost by the cost book; shown to operators and support only
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
