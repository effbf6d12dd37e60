package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Where routers get a tenant's money from. */
@Path("/internal/funds")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class FundsResource {
  private static final int MAX_EPOCH = 64;

  private final Fundings fundings;

  FundsResource(Fundings fundings) {
    this.fundings = fundings;
  }

  /** Sets money aside; see {@link FundRequest}. */
  @POST
  @RolesAllowed(Role.SERVICE_NAME)
  @Operation(operationId = "fund", summary = "Set a tenant's money aside for admission (services)")
  @APIResponse(responseCode = "200", description = "The total set aside, changed or not")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not a service")
  @APIResponse(responseCode = "409", description = "The epoch is over, or knows of more money")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public Funding fund(FundRequest request) {
    if (request == null || !IdKind.TENANT.matches(request.tenantId())) {
      throw Refusal.invalid("tenant_id must be a tenant's id, ten_...").raise();
    }
    String epoch = request.epoch();
    if (epoch == null || epoch.isBlank() || epoch.length() > MAX_EPOCH) {
      throw Refusal.invalid("epoch must have 1 to 64 characters").raise();
    }
    return switch (fundings.fund(request)) {
      case FundingOutcome.Funded funded -> funded.funding();
      case FundingOutcome.Closed closed ->
          throw Refusal.conflict("funding_closed", "A newer epoch has closed this one.").raise();
      case FundingOutcome.Ahead ahead ->
          throw Refusal.conflict(
                  "funding_ahead",
                  "More was seen than was ever set aside in this epoch; start a new epoch.")
              .raise();
    };
  }
}
