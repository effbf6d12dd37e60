package io.naap.clearinghouse.signer.killswitch;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The signer's kill switches. */
@Path("/v1/treasury/stops")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class StopResource {
  private final KillSwitches stops;
  private final SecurityIdentity identity;

  StopResource(KillSwitches stops, SecurityIdentity identity) {
    this.stops = stops;
    this.identity = identity;
  }

  /** Stops signing at once. */
  @POST
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "stopSigning",
      summary = "Stop signing for the platform, a tenant, a caller or an orchestrator (operator)")
  @APIResponse(responseCode = "204", description = "Nothing more is signed")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public Response stop(StopRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: scope, subject and reason.").raise();
    }
    stops.stop(request, Caller.of(identity).subject());
    return Response.noContent().build();
  }

  /** Lists the switches that are on. */
  @GET
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(operationId = "listStops", summary = "For whom nothing is signed (operator, support)")
  @APIResponse(responseCode = "200", description = "The stops in force")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public Page<KillSwitches.Stop> list(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(PageRequest.USUAL, limit, cursor, 3);
    return Page.of(stops.list(page), page.size(), KillSwitches.Stop::position);
  }

  /** Allows signing again. */
  @DELETE
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "liftStop", summary = "Allow signing again (operator)")
  @APIResponse(responseCode = "204", description = "Lifted")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "There is no such stop")
  @SecurityRequirement(name = "SecurityScheme")
  public Response lift(@QueryParam("scope") String scope, @QueryParam("subject") String subject) {
    String whom = subject == null ? "" : subject;
    if (scope == null
        || whom.indexOf('\0') >= 0
        || scope.indexOf('\0') >= 0
        || !stops.lift(scope, StopRequest.normalized(scope, whom), Caller.of(identity).subject())) {
      throw Refusal.notFound("stop").raise();
    }
    return Response.noContent().build();
  }
}
