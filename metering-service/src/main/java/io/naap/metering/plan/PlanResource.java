package io.naap.metering.plan;

import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** What jobs cost. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class PlanResource {
  private final Plans plans;

  PlanResource(Plans plans) {
    this.plans = plans;
  }

  /** A page of plans; there are few, so it is the only one. */
  public record PlanPage(List<OfferedPlan> data, String nextCursor) {}

  /** Every plan that is offered. */
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
  public PlanPage list() {
    return new PlanPage(plans.all(), null);
  }

  /** One plan. */
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
  @Operation(operationId = "getPlan", summary = "One plan, in its newest version")
  @APIResponse(responseCode = "200", description = "The plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such plan")
  public OfferedPlan get(String id) {
    return plans.find(id).orElseThrow(() -> Refusal.notFound("plan").raise());
  }

  /** The plan a tenant is on, for routers. */
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
    return plans.of(id);
  }
}
