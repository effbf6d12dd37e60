package io.naap.keys.resolve;

import io.naap.contracts.identity.Role;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.ResolveKey;
import io.naap.contracts.problem.Refusal;
import io.naap.keys.verification.Checked;
import io.naap.keys.verification.KeyCheck;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Resolves presented keys for services. */
@Path("/internal/keys/resolve")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class ResolveResource {
  private final KeyCheck keys;

  ResolveResource(KeyCheck keys) {
    this.keys = keys;
  }

  /**
   * The profile of a presented key; 404 when it is unknown or may not be used, without saying
   * which.
   */
  @POST
  @RolesAllowed(Role.SERVICE_NAME)
  @Operation(operationId = "resolveKey", summary = "Whose key is it? (services)")
  @APIResponse(responseCode = "200", description = "The profile")
  @APIResponse(responseCode = "404", description = "No such key, or one that may not be used")
  public Uni<KeyProfile> resolve(ResolveKey presented) {
    return keys.use(presented == null ? null : presented.key())
        .map(
            checked ->
                switch (checked) {
                  case Checked.Good good -> good.profile();
                  case Checked.Ended ended -> throw unknown();
                  case Checked.Bad bad -> throw unknown();
                });
  }

  private static Refusal.RefusedException unknown() {
    return Refusal.of(404, "no_such_key", "There is no such key, or it may not be used.").raise();
  }
}
