package io.naap.keys.tier;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.smallrye.mutiny.Uni;
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
import org.jboss.resteasy.reactive.ClientWebApplicationException;

/** Client of metering-service that reads a tenant's plan. */
@RegisterRestClient(configKey = "metering")
public interface PlanClient {
  /** The plan of a tenant, with the permissions of the token in {@code authorization}. */
  @GET
  @Timeout(value = 3, unit = ChronoUnit.SECONDS)
  @Retry(maxRetries = 1, delay = 200, jitter = 100, abortOn = ClientWebApplicationException.class)
  @CircuitBreaker(delay = 2_000, failureRatio = 0.75, skipOn = ClientWebApplicationException.class)
  @Bulkhead(64)
  @Path("/v1/plans/tenants/{tenantId}")
  Uni<Answer> of(
      @PathParam("tenantId") String tenantId, @HeaderParam("Authorization") String authorization);

  /** The fields of the plan that keys-service uses. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Answer(List<String> tiers) {
    public Answer {
      tiers = List.copyOf(tiers);
    }
  }
}
