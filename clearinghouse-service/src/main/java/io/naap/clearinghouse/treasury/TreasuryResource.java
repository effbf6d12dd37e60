package io.naap.clearinghouse.treasury;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The money on the chain. */
@Path("/v1/treasury")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class TreasuryResource {
  private final Treasury treasury;
  private final SecurityIdentity identity;

  TreasuryResource(Treasury treasury, SecurityIdentity identity) {
    this.treasury = treasury;
    this.identity = identity;
  }

  /** Balances, runway, alerts, and what would be done now. */
  @GET
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "getTreasury",
      summary = "Deposit, reserve, wallets, runway and alerts (operator, support)")
  @APIResponse(responseCode = "200", description = "As last seen")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @SecurityRequirement(name = "SecurityScheme")
  public TreasuryReport report() {
    return treasury.report();
  }

  /** What was and is done on the chain. */
  @GET
  @Path("/intents")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "listIntents",
      summary = "What was and is done on the chain (operator, support)")
  @APIResponse(responseCode = "200", description = "The intents, the newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public TreasuryReport.IntentPage intents(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    int size = limit == null ? 20 : limit;
    if (size < 1 || size > 100) {
      throw Refusal.invalid("limit is between 1 and 100").raise();
    }
    if (cursor != null && !IdKind.INTENT.matches(cursor)) {
      throw Refusal.invalid("cursor must be the next_cursor of the page before").raise();
    }
    List<TreasuryReport.Intent> found = treasury.intents(size + 1, cursor);
    boolean more = found.size() > size;
    List<TreasuryReport.Intent> page = more ? found.subList(0, size) : found;
    return new TreasuryReport.IntentPage(page, more ? page.getLast().id() : null);
  }

  /** Deposit addresses to be emptied. */
  @GET
  @Path("/sweeps")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "listSweeps",
      summary = "Deposit addresses to be swept, as unsigned transactions (operator, support)")
  @APIResponse(responseCode = "200", description = "The addresses at which most USDC waits")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @SecurityRequirement(name = "SecurityScheme")
  public TreasuryReport.Sweeps sweeps() {
    return treasury.sweeps();
  }

  /** Plans nothing new until it is told to go on. */
  @POST
  @Path("/pause")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "pauseTreasury", summary = "Begin nothing new on the chain (operator)")
  @APIResponse(responseCode = "204", description = "What is under way is finished, nothing begun")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public Response pause(PauseRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: reason.").raise();
    }
    treasury.pause(request.reason(), Caller.of(identity).subject());
    return Response.noContent().build();
  }

  /** Goes on. */
  @DELETE
  @Path("/pause")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "resumeTreasury", summary = "Go on (operator)")
  @APIResponse(responseCode = "204", description = "Goes on")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "It was not paused")
  @SecurityRequirement(name = "SecurityScheme")
  public Response resume() {
    if (!treasury.resume(Caller.of(identity).subject())) {
      throw Refusal.notFound("pause").raise();
    }
    return Response.noContent().build();
  }
}
