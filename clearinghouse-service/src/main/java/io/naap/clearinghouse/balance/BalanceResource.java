package io.naap.clearinghouse.balance;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Balances. */
@Path("/v1/balance")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class BalanceResource {
  private final Ledger ledger;
  private final SecurityIdentity identity;

  BalanceResource(Ledger ledger, SecurityIdentity identity) {
    this.ledger = ledger;
    this.identity = identity;
  }

  /** The caller's tenant, or for operators and support any. */
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
  public Balance get(@QueryParam("tenant_id") String tenantId) {
    Caller caller = Caller.of(identity);
    String tenant =
        tenantId == null
            ? caller.tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise())
            : tenantId;
    if (!caller.mayRead(tenant)) {
      throw Refusal.notFound("tenant").raise();
    }
    return read(tenant);
  }

  private Balance read(String tenantId) {
    Row row =
        ledger
            .read(
                tx ->
                    tx.one(
                        """
                        select
                          coalesce(sum(balance) filter (where kind = 'credit'), 0)::bigint credit,
                          coalesce(sum(balance) filter (where kind = 'set_aside'), 0)::bigint aside,
                          coalesce(sum(balance) filter (where kind = 'owed'), 0)::bigint owed
                        from account
                        where (owner = $1 and kind in ('credit', 'owed'))
                          or (kind = 'set_aside'
                            and owner in (select id from funding where tenant_id = $1))""",
                        tenantId))
            .orElseThrow();
    return Balance.of(
        tenantId,
        NanoUsd.ofNanos(row.getLong("credit")),
        NanoUsd.ofNanos(row.getLong("aside")),
        NanoUsd.ofNanos(row.getLong("owed")).negated());
  }
}
