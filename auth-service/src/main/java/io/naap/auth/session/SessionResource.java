package io.naap.auth.session;

import io.naap.auth.audit.Origin;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The sessions of the caller. */
@Path("/v1/sessions")
@Produces(MediaType.APPLICATION_JSON)
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
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(20, 100);

  private final SignOut signOut;
  private final SessionList list;
  private final SecurityIdentity identity;

  SessionResource(SignOut signOut, SessionList list, SecurityIdentity identity) {
    this.list = list;
    this.signOut = signOut;
    this.identity = identity;
  }

  /** A page of the caller's sessions, newest first. */
  @GET
  @Operation(operationId = "listSessions", summary = "Where the caller is signed in, newest first")
  @APIResponse(responseCode = "200", description = "The page")
  public Uni<Page<SessionView>> list(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    Caller caller = Caller.of(identity);
    Optional<String> before = page.afterId(IdKind.SESSION);
    return Panache.withSession(
            () -> list.list(caller.subject(), caller.sessionId(), before, page.oneMore()))
        .map(found -> Page.of(found, page.size(), session -> Cursor.of(session.id())));
  }

  /** Signs out of one session; its tokens are refused everywhere within seconds. */
  @DELETE
  @RunOnVirtualThread
  @Path("/{id}")
  @Operation(operationId = "endSession", summary = "Sign out of one session")
  @APIResponse(responseCode = "204", description = "Ended")
  @APIResponse(responseCode = "404", description = "No such session")
  public void end(String id, @Context RoutingContext context) {
    if (!IdKind.SESSION.matches(id)
        || !signOut.end(Caller.of(identity).subject(), id, Origin.of(context))) {
      throw Refusal.notFound("session").raise();
    }
  }

  /** Ends all sessions of the caller, the current one included. */
  @DELETE
  @RunOnVirtualThread
  @Operation(operationId = "endAllSessions", summary = "Sign out everywhere")
  @APIResponse(responseCode = "204", description = "Ended")
  public void endAll(@Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    signOut.endAll(caller.subject(), caller.tenantId(), Origin.of(context));
  }
}
