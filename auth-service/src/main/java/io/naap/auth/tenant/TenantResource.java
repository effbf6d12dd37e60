package io.naap.auth.tenant;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Who the caller is and which tenants they belong to. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@RolesAllowed({
  Role.OWNER_NAME,
  Role.ADMIN_NAME,
  Role.DEVELOPER_NAME,
  Role.BILLING_NAME,
  Role.VIEWER_NAME,
  Role.OPERATOR_NAME,
  Role.SUPPORT_NAME
})
@SecurityRequirement(name = "SecurityScheme")
public class TenantResource {
  private static final int USUAL_PAGE = 20;
  private static final int MAX_PAGE = 100;

  private final Tenants tenants;
  private final SecurityIdentity identity;

  TenantResource(Tenants tenants, SecurityIdentity identity) {
    this.tenants = tenants;
    this.identity = identity;
  }

  /** Who the token says the caller is. */
  public record Me(String userId, String tenantId, String wallet, List<String> roles) {
    public Me {
      roles = List.copyOf(roles);
    }
  }

  /** The caller. */
  @GET
  @Path("/me")
  @Operation(operationId = "me", summary = "Who the caller is")
  @APIResponse(responseCode = "200", description = "The caller")
  public Me me() {
    Caller caller = Caller.of(identity);
    return new Me(
        caller.subject(),
        caller.tenantId().orElse(null),
        caller.wallet().orElse(null),
        caller.roles().stream().map(Role::wireName).sorted().toList());
  }

  /** A page of the caller's tenants. */
  @GET
  @Path("/tenants")
  @Operation(operationId = "listTenants", summary = "Tenants the caller belongs to")
  @APIResponse(responseCode = "200", description = "The page")
  public Tenants.TenantPage list(
      @QueryParam("limit") Optional<Integer> limit, @QueryParam("cursor") Optional<String> cursor) {
    int size = limit.orElse(USUAL_PAGE);
    if (size < 1 || size > MAX_PAGE) {
      throw Refusal.invalid("limit must be between 1 and " + MAX_PAGE).raise();
    }
    if (cursor.isPresent() && !IdKind.TENANT.matches(cursor.get())) {
      throw Refusal.invalid("cursor must be the next_cursor of an earlier page").raise();
    }
    return tenants.list(Caller.of(identity), cursor.orElse(""), size);
  }

  /** One tenant. */
  @GET
  @Path("/tenants/{id}")
  @Operation(operationId = "getTenant", summary = "One tenant")
  @APIResponse(responseCode = "200", description = "The tenant")
  @APIResponse(responseCode = "404", description = "No such tenant")
  public Tenants.TenantView get(String id) {
    return tenants
        .find(Caller.of(identity), id)
        .orElseThrow(() -> Refusal.notFound("tenant").raise());
  }
}
