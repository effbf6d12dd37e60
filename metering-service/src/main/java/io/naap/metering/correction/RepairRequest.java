package io.naap.metering.correction;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.util.Optional;

/**
 * The fields to change in a quarantined event before it is rated again. An absent field keeps its
 * value.
 *
 * @param plan the plan version to rate it under, {@code pln_...@3}
 */
public record RepairRequest(
    Optional<String> plan,
    Optional<String> keyId,
    Optional<String> capability,
    Optional<String> model,
    Optional<Units> units) {
  public RepairRequest {
    plan = plan == null ? Optional.empty() : plan;
    keyId = keyId == null ? Optional.empty() : keyId;
    capability = capability == null ? Optional.empty() : capability;
    model = model == null ? Optional.empty() : model;
    units = units == null ? Optional.empty() : units;
  }

  static RepairRequest none() {
    return new RepairRequest(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The state and cost of an event after its repair. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Repaired(String eventId, String state, String reason, NanoUsd cost) {}
}
