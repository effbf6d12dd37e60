package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Units;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A usage event as a CloudEvent (1.0, JSON format).
 *
 * @param id unique among those of its source, for ever
 * @param source who says so, a URI reference
 * @param type {@code io.naap.usage}
 * @param subject the tenant
 * @param time when the job ended; now when absent
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CloudEvent(
    String specversion,
    String id,
    String source,
    String type,
    String subject,
    Instant time,
    String datacontenttype,
    Data data) {
  public static final String TYPE = "io.naap.usage";
  public static final String VERSION = "1.0";

  /**
   * The job.
   *
   * @param tier the tenant's when absent
   * @param status 200 when absent
   * @param outcome {@code succeeded} when absent
   * @param plan the version in force at the time when absent
   */
  public record Data(
      String keyId,
      String capability,
      String model,
      Units units,
      Optional<String> tier,
      Optional<Integer> status,
      Optional<String> outcome,
      Optional<String> pool,
      Optional<String> gateway,
      List<String> tags,
      Optional<String> plan,
      Optional<Long> latencyMillis) {
    public Data {
      tier = tier == null ? Optional.empty() : tier;
      status = status == null ? Optional.empty() : status;
      outcome = outcome == null ? Optional.empty() : outcome;
      pool = pool == null ? Optional.empty() : pool;
      gateway = gateway == null ? Optional.empty() : gateway;
      tags = tags == null ? List.of() : List.copyOf(tags);
      plan = plan == null ? Optional.empty() : plan;
      latencyMillis = latencyMillis == null ? Optional.empty() : latencyMillis;
    }
  }

  /** An exported event. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Exported(
      String specversion,
      String id,
      String source,
      String type,
      String subject,
      Instant time,
      String datacontenttype,
      UsageEventView data) {}

  public static String text(UsageEventView event) {
    return text(
        new Exported(
            VERSION,
            event.eventId(),
            "urn:naap:metering",
            TYPE,
            event.tenantId(),
            event.occurredAt(),
            "application/json",
            event));
  }

  private static String text(Exported event) {
    return Json.write(event);
  }
}
