package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * The usage of one group. A column it is not grouped by is absent.
 *
 * @param bucket the start of the minute, hour or day
 * @param requests the number of jobs; a live stream is one, however long
 * @param units the exact units
 * @param seconds for display, derived from the milliseconds
 * @param minutes for display, derived from the milliseconds
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UsageRow(
    Instant bucket,
    String tenantId,
    String keyId,
    String capability,
    String model,
    String tier,
    Integer status,
    String outcome,
    String tag,
    long requests,
    Units units,
    String seconds,
    String minutes,
    NanoUsd cost) {}
