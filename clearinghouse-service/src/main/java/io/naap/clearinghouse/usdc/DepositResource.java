package io.naap.clearinghouse.usdc;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Paying with USDC. */
@Path("/v1/payments/usdc-address")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DepositResource {
  private final DepositAddresses addresses;
  private final UsdcConfig config;
  private final SecurityIdentity identity;

  DepositResource(DepositAddresses addresses, UsdcConfig config, SecurityIdentity identity) {
    this.addresses = addresses;
    this.config = config;
    this.identity = identity;
  }

  /**
   * Where to send USDC.
   *
   * @param address with its checksum
   * @param token the contract; other tokens are not credited
   */
  public record DepositAddress(String tenantId, String address, String token) {}

  /** The tenant's own address. */
  @GET
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.BILLING_NAME})
  @Operation(operationId = "getDepositAddress", summary = "The tenant's address for USDC")
  @APIResponse(responseCode = "200", description = "The address, always the same")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @APIResponse(responseCode = "503", description = "USDC is not taken here")
  @SecurityRequirement(name = "SecurityScheme")
  public DepositAddress address() {
    String tenant =
        Caller.of(identity).tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise());
    return addresses
        .of(tenant)
        .map(address -> new DepositAddress(tenant, address, config.token()))
        .orElseThrow(() -> Refusal.unavailable("USDC is not taken here.").raise());
  }
}
