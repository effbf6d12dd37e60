package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Units;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A usage event as a CloudEvent (1.0, JSON format).
 *
 * @param id unique among the events of its source for ever
 * @param source the sender, a URI reference
 * @param type {@code io.naap.usage}
 * @param subject the id of the tenant
 * @param time when the job ended; the time of receipt when absent
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
   * The job that the event reports.
   *
   * @param plan the plan version that was in force at {@code time} when absent
   */
  @JsonDeserialize(builder = Flat.class)
  public record Data(
      String keyId,
      String capability,
      String model,
      Units units,
      @JsonUnwrapped Run run,
      List<String> tags,
      Optional<String> plan,
      Optional<Long> latencyMillis) {
    public Data {
      tags = tags == null ? List.of() : List.copyOf(tags);
    }
  }

  /**
   * Where the job ran, and how it ended.
   *
   * @param tier the tier of the tenant's plan when absent
   * @param status the HTTP status; 200 when absent
   * @param outcome {@code succeeded}, {@code partial} or {@code failed}; {@code succeeded} when
   *     absent
   */
  public record Run(
      Optional<String> tier,
      Optional<Integer> status,
      Optional<String> outcome,
      Optional<String> pool,
      Optional<String> gateway) {}

  /** The fields of the data as they are in JSON. Unwrapped parts would let unknown fields pass. */
  public static final class Flat {
    public String keyId;
    public String capability;
    public String model;
    public Units units;
    public Optional<String> tier = Optional.empty();
    public Optional<Integer> status = Optional.empty();
    public Optional<String> outcome = Optional.empty();
    public Optional<String> pool = Optional.empty();
    public Optional<String> gateway = Optional.empty();
    public List<String> tags;
    public Optional<String> plan = Optional.empty();
    public Optional<Long> latencyMillis = Optional.empty();

    public Data build() {
      return new Data(
          keyId,
          capability,
          model,
          units,
          new Run(tier, status, outcome, pool, gateway),
          tags,
          plan,
          latencyMillis);
    }
  }

  /** A stored event as the export writes it. */
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
            event.who().tenantId(),
            event.occurredAt(),
            "application/json",
            event));
  }

  private static String text(Exported event) {
    return Json.write(event);
  }
}
