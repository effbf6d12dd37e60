package io.naap.router.neighbour;

import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.quarkus.oidc.client.filter.OidcClientFilter;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** The ledger sets money of a tenant aside. Asking twice is harmless. */
@RegisterRestClient(configKey = "clearinghouse")
@OidcClientFilter
public interface ClearinghouseClient {
  @POST
  @Path("/internal/funds")
  Uni<Funding> fund(FundRequest request);
}
