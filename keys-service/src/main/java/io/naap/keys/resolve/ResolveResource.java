package io.naap.keys.resolve;

import io.naap.contracts.identity.Role;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.ResolveKey;
import io.naap.contracts.problem.Refusal;
import io.naap.keys.KeysMetrics;
import io.naap.keys.apikey.PostgresKeyStore;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Tells services whose key it is. */
@Path("/internal/keys/resolve")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class ResolveResource {
  private final PostgresKeyStore keys;
  private final KeysMetrics metrics;

  ResolveResource(PostgresKeyStore keys, KeysMetrics metrics) {
    this.keys = keys;
    this.metrics = metrics;
  }

  /** The profile of a key that may be used; 401 for every other, without a difference. */
  @POST
  @RolesAllowed(Role.SERVICE_NAME)
  @Operation(operationId = "resolveKey", summary = "Whose key is it? (services)")
  @APIResponse(responseCode = "200", description = "The profile")
  @APIResponse(responseCode = "401", description = "No such key, or one that may not be used")
  public Uni<KeyProfile> resolve(ResolveKey presented) {
    Optional<ApiKey> key = ApiKey.parse(presented == null ? null : presented.key());
    if (key.isEmpty()) {
      metrics.refused("malformed");
      throw unknown();
    }
    return keys.resolve(key.get())
        .map(
            profile ->
                profile.orElseThrow(
                    () -> {
                      metrics.refused("unknown");
                      return unknown();
                    }))
        .invoke(profile -> metrics.resolved());
  }

  private static Refusal.RefusedException unknown() {
    return Refusal.of(401, "invalid_api_key", "The API key is not valid.").raise();
  }
}
