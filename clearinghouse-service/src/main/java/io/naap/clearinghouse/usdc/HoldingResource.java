package io.naap.clearinghouse.usdc;

import io.naap.contracts.identity.Role;
import io.naap.contracts.problem.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.math.BigInteger;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** USDC that waits to be swept. */
@Path("/v1/treasury/usdc-holdings")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class HoldingResource {
  private final Deposits deposits;

  HoldingResource(Deposits deposits) {
    this.deposits = deposits;
  }

  /** What can be swept. */
  public record HoldingList(List<Deposits.Holding> data) {
    public HoldingList {
      data = List.copyOf(data);
    }
  }

  /** Addresses with money, for the sweep that the holder of the private key signs. */
  @GET
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "listUsdcHoldings",
      summary = "Deposit addresses to be swept, with their derivation indices (operator, support)")
  @APIResponse(responseCode = "200", description = "The addresses that received most")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public HoldingList holdings(@QueryParam("least") String least) {
    if (least != null && !least.matches("[0-9]{1,30}")) {
      throw Refusal.invalid("least is a whole number of millionths").raise();
    }
    return new HoldingList(
        deposits.holdings(least == null ? BigInteger.ONE : new BigInteger(least)));
  }
}
