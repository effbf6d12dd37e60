package io.naap.keys.tier;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.ClientErrorException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** Metering: the plan a tenant is on, as its members may read it. */
@RegisterRestClient(configKey = "metering")
public interface PlanClient {
  /** The plan, in the name of whose token this is. */
  @GET
  @Timeout(value = 3, unit = ChronoUnit.SECONDS)
  @Retry(maxRetries = 1, delay = 200, jitter = 100, abortOn = ClientErrorException.class)
  @CircuitBreaker(delay = 2_000, failureRatio = 0.75, skipOn = ClientErrorException.class)
  @Bulkhead(64)
  @Path("/v1/plans/tenants/{tenantId}")
  Uni<Answer> of(
      @PathParam("tenantId") String tenantId, @HeaderParam("Authorization") String authorization);

  /** What of it matters here. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Answer(List<String> tiers) {
    public Answer {
      tiers = List.copyOf(tiers);
    }
  }
}
