package io.naap.metering.plan;

import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints for sponsors' budgets. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class SponsorBudgetResource {
  private final SponsorBudgets budgets;
  private final OncePosted once;

  SponsorBudgetResource(SponsorBudgets budgets, OncePosted once) {
    this.budgets = budgets;
    this.once = once;
  }

  /** Lists the sponsors' budgets and what is spent of each. */
  @GET
  @Path("v1/plans/budgets")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(operationId = "listBudgets", summary = "Sponsors' budgets and what is spent of them")
  @APIResponse(responseCode = "200", description = "The budgets")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Page<Budget> budgets(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    return budgets.list(PageRequest.of(PageRequest.USUAL, limit, cursor, 1));
  }

  /** Creates a sponsor's budget. */
  @POST
  @Path("v1/plans/budgets")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "createBudget", summary = "Note a sponsor's budget (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Noted",
      content = @Content(schema = @Schema(implementation = Budget.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response createBudget(@HeaderParam("Idempotency-Key") String key, Budget.Request request) {
    return once.run(
        key, "POST /v1/plans/budgets", request, tx -> write(budgets.create(tx, request)));
  }

  private static String write(Budget budget) {
    return Json.write(budget);
  }
}
