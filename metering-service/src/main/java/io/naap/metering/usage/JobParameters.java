package io.naap.metering.usage;

import jakarta.ws.rs.QueryParam;
import java.time.Clock;
import java.time.Instant;

/** The query parameters by which a caller chooses jobs. Quarkus REST sets the fields. */
public class JobParameters {
  @QueryParam("from")
  public String from;

  @QueryParam("to")
  public String to;

  @QueryParam("tenant_id")
  public String tenantId;

  @QueryParam("key_id")
  public String keyId;

  @QueryParam("capability")
  public String capability;

  @QueryParam("model")
  public String model;

  @QueryParam("status")
  public Integer status;

  /** The end of the range; the end of the current minute when absent. */
  public Instant end(Clock clock) {
    return UsageQuestion.to(to, clock);
  }

  /** The start of the range; thirty days before its end when absent. */
  public Instant start(Instant end) {
    return UsageQuestion.from(from, end);
  }
}
