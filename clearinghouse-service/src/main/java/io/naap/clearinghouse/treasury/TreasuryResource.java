package io.naap.clearinghouse.treasury;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The money on the chain. */
@Path("/v1/treasury")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class TreasuryResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(20, 100);

  private final Treasury treasury;
  private final TreasuryStore store;
  private final SecurityIdentity identity;

  TreasuryResource(Treasury treasury, TreasuryStore store, SecurityIdentity identity) {
    this.treasury = treasury;
    this.store = store;
    this.identity = identity;
  }

  /** Balances, runway, alerts, and what the treasury would do now. */
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

  /** Lists intents. */
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
  public Page<TreasuryReport.Intent> intents(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    page.after().ifPresent(after -> after.text(0, IdKind.INTENT::matches));
    return Page.of(store.intents(page), page.size(), TreasuryStore::position);
  }

  /** Lists deposit addresses to be swept. */
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

  /** Pauses the treasury: it plans and signs nothing new. */
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

  /** Resumes the treasury. */
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
