package io.naap.router.neighbour;

import io.naap.contracts.rating.TenantPlan;
import io.quarkus.oidc.client.filter.OidcClientFilter;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** Metering: the plan a tenant is on. */
@RegisterRestClient(configKey = "metering")
@OidcClientFilter
public interface PlansClient {
  @GET
  @Path("/internal/tenants/{tenantId}/plan")
  Uni<TenantPlan> plan(@PathParam("tenantId") String tenantId);
}
