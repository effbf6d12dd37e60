package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * A stored usage event as the API shows it. In JSON the fields of all parts form one flat object.
 */
public record UsageEventView(
    @JsonUnwrapped Source source,
    @JsonUnwrapped UsageRecorded.Who who,
    @JsonUnwrapped Job job,
    @JsonUnwrapped Measured measured,
    @JsonUnwrapped Billing billing,
    @JsonUnwrapped Amounts amounts,
    long latencyMillis) {
  /** Identifies the event and states its times. */
  public record Source(
      String eventId,
      String requestId,
      int sequence,
      Instant openedAt,
      Instant occurredAt,
      Instant receivedAt) {}

  /** What ran, and how it ended. */
  public record Job(String capability, String model, String tier, int status, String outcome) {}

  /**
   * How the event is billed.
   *
   * @param plan the plan version, {@code pln_...@version}
   * @param state {@code accepted}, {@code late} (on the next invoice), {@code "corrected"} (a
   *     reversal took it back), {@code reversal} (takes another event back; shows that event's
   *     units) or {@code quarantined}
   * @param reason why the event is quarantined
   * @param corrects the id of the event that this one reverses or replaces
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Billing(String plan, String state, boolean late, String reason, String corrects) {
    @JsonIgnore
    public boolean isReversal() {
      return "reversal".equals(state);
    }
  }

  /**
   * The price of the event and who pays it.
   *
   * @param cost what the tenant pays; negative in a reversal
   * @param sponsored what a sponsor pays
   * @param waived what nobody pays because of a trial or a ceiling
   * @param networkCost the operator's cost by the cost book; shown to operators and support only
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Amounts(NanoUsd cost, NanoUsd sponsored, NanoUsd waived, NanoUsd networkCost) {}

  public String eventId() {
    return source.eventId;
  }

  public Instant occurredAt() {
    return source.occurredAt;
  }

  UsageEventView withoutNetworkCost() {
    return new UsageEventView(
        source,
        who,
        job,
        measured,
        billing,
        new Amounts(amounts.cost, amounts.sponsored, amounts.waived, null),
        latencyMillis);
  }
}
