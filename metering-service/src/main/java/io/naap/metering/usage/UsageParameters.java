package io.naap.metering.usage;

import io.naap.contracts.identity.Caller;
import jakarta.ws.rs.QueryParam;
import java.util.Optional;

/** The query parameters by which a caller chooses usage. Quarkus REST sets the fields. */
public class UsageParameters extends JobParameters {
  @QueryParam("tier")
  public String tier;

  @QueryParam("outcome")
  public String outcome;

  @QueryParam("tag")
  public String tag;

  /** The filters, limited to a tenant that the caller may read. */
  UsageQuestion.Filters filters(Caller caller) {
    return new UsageQuestion.Filters(
        ReadableTenant.tenant(caller, tenantId),
        Optional.ofNullable(keyId),
        Optional.ofNullable(capability),
        Optional.ofNullable(model),
        Optional.ofNullable(tier),
        Optional.ofNullable(outcome),
        Optional.ofNullable(status),
        Optional.ofNullable(tag));
  }
}
