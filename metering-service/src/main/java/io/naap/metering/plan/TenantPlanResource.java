package io.naap.metering.plan;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TenantDirectory;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.store.Transactions;
import io.naap.store.outbox.Outbox;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints to read and change the plan of a tenant. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class TenantPlanResource {
  private final TenantOverrides overrides;
  private final TenantPlans tenantPlans;
  private final Transactions transactions;
  private final Outbox outbox;
  private final TenantDirectory tenants;
  private final SecurityIdentity identity;
  private final Clock clock;

  TenantPlanResource(
      TenantOverrides overrides,
      TenantPlans tenantPlans,
      Transactions transactions,
      Outbox outbox,
      TenantDirectory tenants,
      SecurityIdentity identity,
      Clock clock) {
    this.overrides = overrides;
    this.tenantPlans = tenantPlans;
    this.transactions = transactions;
    this.outbox = outbox;
    this.tenants = tenants;
    this.identity = identity;
    this.clock = clock;
  }

  /** Returns the plan of a tenant to its members, operators and support. */
  @GET
  @Path("v1/plans/tenants/{tenant}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(
      operationId = "getPlanOfTenant",
      summary = "The plan a tenant is on, and where its period is")
  @APIResponse(responseCode = "200", description = "The plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  public TenantPlan planOf(String tenant) {
    requireReadable(tenant);
    return tenantPlans.of(tenant);
  }

  /** Lists the assignments of plans to a tenant, newest first. */
  @GET
  @Path("v1/plans/tenants/{tenant}/assignments")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listAssignments", summary = "Since when a tenant has which plan")
  @APIResponse(responseCode = "200", description = "The assignments, newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Page<Assignment> assignments(
      String tenant, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    requireReadable(tenant);
    return overrides.assignments(tenant, PageRequest.of(PageRequest.USUAL, limit, cursor, 1));
  }

  private void requireReadable(String tenant) {
    if (!IdKind.TENANT.matches(tenant) || !Caller.of(identity).mayRead(tenant)) {
      throw Refusal.notFound("tenant").raise();
    }
  }

  /** Assigns a plan to a tenant. */
  @PUT
  @Path("v1/plans/tenants/{tenant}")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "assignPlan", summary = "Give a tenant a plan (operator)")
  @APIResponse(responseCode = "200", description = "Given")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such tenant")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Assignment assign(String tenant, Assignment.Request request) {
    requireReadable(tenant);
    OncePosted.require(request);
    tenants.require(identity, tenant);
    if (request.planId() == null) {
      throw Refusal.invalid("plan_id names a plan.").raise();
    }
    Assignment made =
        transactions.run(
            tx ->
                overrides.assign(
                    tx, tenant, request.planId(), request.effectiveFrom().orElse(clock.instant())));
    outbox.poke();
    return made;
  }

  /** Makes or changes the private plan of a tenant. */
  @PUT
  @Path("v1/plans/tenants/{tenant}/override")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "overridePlan", summary = "Change a plan for one tenant (operator)")
  @APIResponse(responseCode = "200", description = "The tenant's own plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such tenant")
  @APIResponse(responseCode = "422", description = "Invalid")
  public OfferedPlan override(String tenant, OverrideRequest request) {
    requireReadable(tenant);
    OncePosted.require(request);
    tenants.require(identity, tenant);
    OfferedPlan made = transactions.run(tx -> overrides.override(tx, tenant, request));
    outbox.poke();
    return made;
  }

  /** Returns the plan of a tenant to other services, such as routers. */
  @GET
  @Path("internal/tenants/{id}/plan")
  @RolesAllowed(Role.SERVICE_NAME)
  @Operation(operationId = "getTenantPlan", summary = "The plan a tenant is on (services)")
  @APIResponse(responseCode = "200", description = "The plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not a service")
  public TenantPlan ofTenant(String id) {
    if (!IdKind.TENANT.matches(id)) {
      throw Refusal.notFound("tenant").raise();
    }
    return tenantPlans.of(id);
  }
}
