package io.naap.keys.resolve;

import io.naap.contracts.identity.Role;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.keys.verification.RunningKeys;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Tells services whether a job that runs under a key may continue. */
@Path("/internal/keys/{keyId}/profile")
@Produces(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class ProfileResource {
  private final RunningKeys keys;

  ProfileResource(RunningKeys keys) {
    this.keys = keys;
  }

  /** The profile of a key; 404 when it is unknown or may not be used, without saying which. */
  @GET
  @RolesAllowed(Role.SERVICE_NAME)
  @Operation(operationId = "getKeyProfile", summary = "May a key still be used? (services)")
  @APIResponse(responseCode = "200", description = "The profile")
  @APIResponse(responseCode = "404", description = "No such key, or one that may not be used")
  public Uni<KeyProfile> profile(@PathParam("keyId") String keyId) {
    return keys.profile(keyId)
        .map(
            found ->
                found.orElseThrow(
                    () ->
                        Refusal.of(
                                404, "no_such_key", "There is no such key, or it may not be used.")
                            .raise()));
  }
}
