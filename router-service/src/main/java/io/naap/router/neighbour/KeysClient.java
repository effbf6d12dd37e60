package io.naap.router.neighbour;

import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.ResolveKey;
import io.quarkus.oidc.client.filter.OidcClientFilter;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** keys-service: whose key is this? Answers 404 for a key that is not good. */
@RegisterRestClient(configKey = "keys")
@OidcClientFilter
public interface KeysClient {
  @POST
  @Path("/internal/keys/resolve")
  Uni<KeyProfile> resolve(ResolveKey key);
}
