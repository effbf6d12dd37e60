package io.naap.auth.session;

import io.naap.auth.audit.Origin;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Where the caller is signed in. */
@Path("/v1/sessions")
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
public class SessionResource {
  private static final int USUAL_PAGE = 20;
  private static final int MAX_PAGE = 100;

  private final Sessions sessions;
  private final SecurityIdentity identity;

  SessionResource(Sessions sessions, SecurityIdentity identity) {
    this.sessions = sessions;
    this.identity = identity;
  }

  /** A page of sessions; no cursor on the last one. */
  public record SessionPage(List<Sessions.SessionView> data, String nextCursor) {
    public SessionPage {
      data = List.copyOf(data);
    }
  }

  /** A page of the caller's sessions, newest first. */
  @GET
  @Operation(operationId = "listSessions", summary = "Where the caller is signed in, newest first")
  @APIResponse(responseCode = "200", description = "The page")
  public SessionPage list(
      @QueryParam("limit") Optional<Integer> limit, @QueryParam("cursor") Optional<String> cursor) {
    int size = limit.orElse(USUAL_PAGE);
    if (size < 1 || size > MAX_PAGE) {
      throw Refusal.invalid("limit must be between 1 and " + MAX_PAGE).raise();
    }
    if (cursor.isPresent() && !IdKind.SESSION.matches(cursor.get())) {
      throw Refusal.invalid("cursor must be the next_cursor of an earlier page").raise();
    }
    Caller caller = Caller.of(identity);
    List<Sessions.SessionView> found =
        sessions.list(caller.subject(), caller.sessionId(), cursor, size + 1);
    return found.size() <= size
        ? new SessionPage(found, null)
        : new SessionPage(found.subList(0, size), found.get(size - 1).id());
  }

  /** Signs out of one session; its tokens are refused everywhere within seconds. */
  @DELETE
  @Path("/{id}")
  @Operation(operationId = "endSession", summary = "Sign out of one session")
  @APIResponse(responseCode = "204", description = "Ended")
  @APIResponse(responseCode = "404", description = "No such session")
  public void end(String id, @Context RoutingContext context) {
    if (!IdKind.SESSION.matches(id)
        || !sessions.end(Caller.of(identity).subject(), id, Origin.of(context))) {
      throw Refusal.notFound("session").raise();
    }
  }

  /** Signs out everywhere, the session that asks included. */
  @DELETE
  @Operation(operationId = "endAllSessions", summary = "Sign out everywhere")
  @APIResponse(responseCode = "204", description = "Ended")
  public void endAll(@Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    sessions.endAll(caller.subject(), caller.tenantId(), Origin.of(context));
  }
}
