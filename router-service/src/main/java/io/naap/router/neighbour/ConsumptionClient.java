package io.naap.router.neighbour;

import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.TenantConsumption;
import io.quarkus.oidc.client.filter.OidcClientFilter;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** Metering says what a key or a tenant has used so far. */
@RegisterRestClient(configKey = "metering")
@OidcClientFilter
public interface ConsumptionClient {
  @GET
  @Path("/internal/keys/{keyId}/consumption")
  Uni<KeyConsumption> consumption(
      @PathParam("keyId") String keyId, @QueryParam("tenant") String tenantId);

  @GET
  @Path("/internal/tenants/{tenantId}/consumption")
  Uni<TenantConsumption> consumption(@PathParam("tenantId") String tenantId);
}
