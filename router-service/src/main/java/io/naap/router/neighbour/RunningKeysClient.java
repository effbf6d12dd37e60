package io.naap.router.neighbour;

import io.naap.contracts.keys.KeyProfile;
import io.quarkus.oidc.client.filter.OidcClientFilter;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** keys-service gives the profile of a key that may be used; 404 for one that may not. */
@RegisterRestClient(configKey = "keys")
@OidcClientFilter
public interface RunningKeysClient {
  @GET
  @Path("/internal/keys/{keyId}/profile")
  Uni<KeyProfile> profile(@PathParam("keyId") String keyId);
}
