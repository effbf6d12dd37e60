package io.naap.clearinghouse.reconciliation;

import io.naap.clearinghouse.ledger.Verifier;
import io.naap.contracts.identity.Role;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The verification of the ledger. */
@Path("/v1/reconciliation/verification")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class VerificationResource {
  private final Verifier verifier;

  VerificationResource(Verifier verifier) {
    this.verifier = verifier;
  }

  /** Verifies every balance, every rule and the hash chain. */
  @GET
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "verifyBooks",
      summary = "Recompute every balance, rule and the hash chain (operator, support)")
  @APIResponse(responseCode = "200", description = "Each rule, and how often it is broken")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @SecurityRequirement(name = "SecurityScheme")
  public Verifier.Verification verify() {
    return verifier.verify();
  }
}
