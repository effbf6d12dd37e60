package io.naap.clearinghouse.confirmation;

import io.naap.contracts.identity.Role;
import io.naap.contracts.problem.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Where stock signers and their hook do not agree. */
@Path("/v1/treasury/signer-gaps")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class SignerGapResource {
  private static final int MOST = 500;

  private final Confirmations confirmations;

  SignerGapResource(Confirmations confirmations) {
    this.confirmations = confirmations;
  }

  /** Those that stand, and then those that were resolved. */
  public record GapList(List<Confirmations.Gap> data) {
    public GapList {
      data = List.copyOf(data);
    }
  }

  /** Lists them. */
  @GET
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "listSignerGaps",
      summary = "Where a stock signer's events and its hook disagree (operator, support)")
  @APIResponse(responseCode = "200", description = "Those that stand first, the newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public GapList list(@QueryParam("limit") Integer limit) {
    int most = limit == null ? 100 : limit;
    if (most < 1 || most > MOST) {
      throw Refusal.invalid("limit is between 1 and " + MOST).raise();
    }
    return new GapList(confirmations.gaps(most));
  }
}
