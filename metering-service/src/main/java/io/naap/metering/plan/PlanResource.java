package io.naap.metering.plan;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
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

/** HTTP endpoints to read, create and version plans. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class PlanResource {
  private final PlanCatalogue catalogue;
  private final PlanVersions versions;
  private final OncePosted once;
  private final SecurityIdentity identity;

  PlanResource(
      PlanCatalogue catalogue, PlanVersions versions, OncePosted once, SecurityIdentity identity) {
    this.catalogue = catalogue;
    this.versions = versions;
    this.once = once;
    this.identity = identity;
  }

  /** Lists the plans that are offered to the caller. */
  @GET
  @Path("v1/plans")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listPlans", summary = "The plans that are offered")
  @APIResponse(responseCode = "200", description = "The plans")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  public Page<OfferedPlan> list() {
    Caller caller = Caller.of(identity);
    return Page.whole(versions.offered(caller.tenantId(), caller.readsAllTenants()));
  }

  /** Returns a plan in the version in force. */
  @GET
  @Path("v1/plans/{id}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getPlan", summary = "One plan, in the version in force")
  @APIResponse(responseCode = "200", description = "The plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such plan")
  public OfferedPlan get(String id) {
    return versions
        .find(id)
        .filter(this::isShown)
        .orElseThrow(() -> Refusal.notFound("plan").raise());
  }

  private boolean isShown(OfferedPlan plan) {
    return plan.tenantId().isEmpty() || Caller.of(identity).mayRead(plan.tenantId().get());
  }

  /** Lists every version of a plan, newest first. */
  @GET
  @Path("v1/plans/{id}/versions")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listPlanVersions", summary = "Every version of a plan, newest first")
  @APIResponse(responseCode = "200", description = "The versions")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such plan")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Page<OfferedPlan> versions(
      String id, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(PageRequest.USUAL, limit, cursor, 1);
    get(id);
    return versions.history(id, page);
  }

  /** Creates a plan. */
  @POST
  @Path("v1/plans")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "createPlan", summary = "Make a plan (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = OfferedPlan.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response create(@HeaderParam("Idempotency-Key") String key, PlanRequest request) {
    return once.run(key, "POST /v1/plans", request, tx -> write(catalogue.create(tx, request)));
  }

  private static String write(OfferedPlan plan) {
    return Json.write(plan);
  }

  /** Adds a version to a plan; usage of the past keeps the version it was billed with. */
  @POST
  @Path("v1/plans/{id}/versions")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "addPlanVersion", summary = "Add a version to a plan (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Added",
      content = @Content(schema = @Schema(implementation = OfferedPlan.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such plan")
  @APIResponse(responseCode = "409", description = "A tenant's own plan, or still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response addVersion(
      String id, @HeaderParam("Idempotency-Key") String key, PlanRequest request) {
    return once.run(
        key,
        "POST /v1/plans/" + id + "/versions",
        request,
        tx -> write(catalogue.addVersion(tx, id, request)));
  }
}
