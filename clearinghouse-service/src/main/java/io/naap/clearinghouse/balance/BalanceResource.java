package io.naap.clearinghouse.balance;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Balances. */
@Path("/v1/balance")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class BalanceResource {
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(20, 100);

  private final Balances balances;
  private final SecurityIdentity identity;

  BalanceResource(Balances balances, SecurityIdentity identity) {
    this.balances = balances;
    this.identity = identity;
  }

  /** The balance of the caller's tenant; operators and support may ask for any tenant. */
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
  @Operation(operationId = "getBalance", summary = "What a tenant has")
  @APIResponse(responseCode = "200", description = "The balance")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @SecurityRequirement(name = "SecurityScheme")
  public Balance get(@QueryParam("tenant_id") String tenantId, @QueryParam("at") String at) {
    String tenant = tenant(tenantId);
    return at == null ? balances.now(tenant) : balances.at(tenant, instant(at));
  }

  /** Lists the movements of an account. */
  @GET
  @Path("/statement")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.BILLING_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(
      operationId = "getStatement",
      summary = "Every movement of what a tenant has, or of its credit or its debt alone")
  @APIResponse(responseCode = "200", description = "The movements, the newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public Statement statement(
      @QueryParam("tenant_id") String tenantId,
      @QueryParam("account") String account,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    String tenant = tenant(tenantId);
    String kind = account == null ? Balances.WHOLE : account;
    if (!Set.of(Balances.WHOLE, "credit", "owed").contains(kind)) {
      throw Refusal.invalid("account is balance, credit or owed").raise();
    }
    return balances.statement(tenant, kind, PageRequest.of(SIZES, limit, cursor, 1));
  }

  private String tenant(String tenantId) {
    Caller caller = Caller.of(identity);
    String tenant =
        tenantId == null
            ? caller.tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise())
            : tenantId;
    if (!caller.mayRead(tenant) || tenant.indexOf('\0') >= 0) {
      throw Refusal.notFound("tenant").raise();
    }
    return tenant;
  }

  private static Instant instant(String text) {
    try {
      Instant at = Instant.parse(text);
      if (at.isBefore(Instant.EPOCH) || at.isAfter(LATEST)) {
        throw Refusal.invalid("at is out of range").raise();
      }
      return at;
    } catch (DateTimeException unreadable) {
      throw Refusal.invalid("at is an instant such as 2026-11-23T10:00:00Z").raise();
    }
  }
}
