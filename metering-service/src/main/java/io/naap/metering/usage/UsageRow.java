package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * The usage of one group. In JSON the fields of all parts form one flat object.
 *
 * @param bucket the start of the minute, hour or day; absent in sums over the whole range
 * @param requests the number of jobs; a live stream is one, however long
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UsageRow(
    Instant bucket,
    @JsonUnwrapped Group group,
    long requests,
    @JsonUnwrapped Measured measured,
    NanoUsd cost) {
  /** What the rows of the group have in common. A column it is not grouped by is absent. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Group(
      String tenantId,
      String keyId,
      String capability,
      String model,
      String tier,
      Integer status,
      String outcome,
      String tag) {}
}
