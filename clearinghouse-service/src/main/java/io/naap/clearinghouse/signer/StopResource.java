package io.naap.clearinghouse.signer;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
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
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The signer's kill switch. */
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

  /** All that are in force. */
  public record StopList(List<KillSwitches.Stop> data) {
    public StopList {
      data = List.copyOf(data);
    }
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
    stops.stop(
        request.scope(),
        spelled(request.scope(), request.subject()),
        request.reason(),
        Caller.of(identity).subject());
    return Response.noContent().build();
  }

  /** Lists stops. */
  @GET
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(operationId = "listStops", summary = "For whom nothing is signed (operator, support)")
  @APIResponse(responseCode = "200", description = "The stops in force")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @SecurityRequirement(name = "SecurityScheme")
  public StopList list() {
    return new StopList(stops.all());
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
        || !stops.lift(scope, spelled(scope, whom), Caller.of(identity).subject())) {
      throw Refusal.notFound("stop").raise();
    }
    return Response.noContent().build();
  }

  private static String spelled(String scope, String subject) {
    return "orchestrator".equals(scope) ? subject.toLowerCase(Locale.ROOT) : subject;
  }
}
