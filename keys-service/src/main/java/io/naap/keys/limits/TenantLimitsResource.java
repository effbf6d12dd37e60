package io.naap.keys.limits;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.naap.keys.limits.PostgresTenantLimits.Changed;
import io.naap.keys.outbox.Changes;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Manages limits over all keys of a tenant. */
@Path("/v1/keys/limits")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class TenantLimitsResource {
  private final PostgresTenantLimits limits;
  private final Changes changes;
  private final SecurityIdentity identity;

  TenantLimitsResource(PostgresTenantLimits limits, Changes changes, SecurityIdentity identity) {
    this.limits = limits;
    this.changes = changes;
    this.identity = identity;
  }

  /** The limits of the caller's tenant; operators and support may name another tenant. */
  @GET
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getTenantLimits", summary = "Limits over all keys of the tenant")
  @APIResponse(responseCode = "200", description = "The operator's, the tenant's own, the smaller")
  @APIResponse(responseCode = "404", description = "No such tenant")
  public Uni<TenantLimits> get(
      @Parameter(description = "Another tenant: operator and support") @QueryParam("tenant_id")
          Optional<String> tenantId) {
    String whose = whose(tenantId);
    return Panache.withSession(() -> limits.of(whose));
  }

  /** Sets the operator's ceiling of a named tenant, or an owner's limits of their own tenant. */
  @PUT
  @RolesAllowed({Role.OWNER_NAME, Role.OPERATOR_NAME})
  @Operation(
      operationId = "setTenantLimits",
      summary = "Limit all keys of the tenant together; what is absent is not limited",
      description =
          "With tenant_id the operator sets the ceiling of any tenant. Without it an owner sets the"
              + " tenant's own limits, which may not be above the operator's.")
  @APIResponse(responseCode = "200", description = "The limits after the change")
  @APIResponse(responseCode = "403", description = "Only the operator may name a tenant")
  @APIResponse(responseCode = "422", description = "Invalid, or above the operator's ceiling")
  public Uni<TenantLimits> set(
      @Parameter(description = "Whose ceiling: operator only") @QueryParam("tenant_id")
          Optional<String> tenantId,
      Ceiling wanted) {
    if (wanted == null) {
      throw Refusal.of(400, "malformed_json", "Send a JSON object.").raise();
    }
    Caller caller = Caller.of(identity);
    if (tenantId.isPresent() && !caller.has(Role.OPERATOR)) {
      throw Refusal.of(403, "forbidden", "Only the operator may name a tenant.").raise();
    }
    if (tenantId.isEmpty() && !caller.has(Role.OWNER)) {
      throw Refusal.invalid("Name the tenant whose ceiling this is: tenant_id.").raise();
    }
    String whose = whose(tenantId);
    return Panache.withTransaction(
            () ->
                tenantId.isPresent()
                    ? limits.setOperators(whose, wanted)
                    : limits.setOwn(whose, wanted))
        .map(TenantLimitsResource::done)
        .invoke(changes::committed);
  }

  private static TenantLimits done(Changed changed) {
    return switch (changed) {
      case Changed.Done done -> done.limits();
      case Changed.AboveCeiling above ->
          throw Refusal.of(
                  422,
                  "above_ceiling",
                  "Lower " + above.which() + ": the operator's limit of this tenant is below it.")
              .raise();
    };
  }

  private String whose(Optional<String> tenantId) {
    Caller caller = Caller.of(identity);
    String whose =
        tenantId
            .or(caller::tenantId)
            .orElseThrow(() -> Refusal.of(403, "forbidden", "The token names no tenant.").raise());
    if (!IdKind.TENANT.matches(whose) || !caller.mayRead(whose)) {
      throw Refusal.notFound("tenant").raise();
    }
    return whose;
  }
}
