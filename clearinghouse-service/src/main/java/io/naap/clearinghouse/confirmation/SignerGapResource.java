package io.naap.clearinghouse.confirmation;

import io.naap.contracts.identity.Role;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The disagreements between stock signers and their hook. */
@Path("/v1/treasury/signer-gaps")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class SignerGapResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(100, 500);

  private final SignerGaps gaps;

  SignerGapResource(SignerGaps gaps) {
    this.gaps = gaps;
  }

  /** Lists disagreements. */
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
  public Page<SignerGaps.Gap> list(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 4);
    return Page.of(gaps.list(page), page.size(), SignerGaps.Gap::position);
  }
}
