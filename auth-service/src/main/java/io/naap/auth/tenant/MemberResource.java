package io.naap.auth.tenant;

import io.naap.auth.audit.Origin;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.problem.Refusal;
import io.naap.store.idempotency.Idempotency;
import io.naap.store.idempotency.SessionIdempotency;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.virtual.threads.VirtualThreads;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Manages the members of the caller's tenant. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class MemberResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(50, 100);

  private final Members members;
  private final MemberKeys keys;
  private final SessionIdempotency idempotency;
  private final SecurityIdentity identity;
  private final Clock clock;

  /** Runs the calls to keys-service, which block. */
  private final ExecutorService blocking;

  MemberResource(
      Members members,
      MemberKeys keys,
      SessionIdempotency idempotency,
      SecurityIdentity identity,
      Clock clock,
      @VirtualThreads ExecutorService blocking) {
    this.blocking = blocking;
    this.keys = keys;
    this.idempotency = idempotency;
    this.clock = clock;
    this.members = members;
    this.identity = identity;
  }

  /** A request to change a member's role. */
  public record NewRole(String role) {
    public NewRole {
      MemberRules.role(role);
    }
  }

  /** A request to transfer the ownership. */
  public record NewOwner(String userId) {
    public NewOwner {
      if (!IdKind.USER.matches(userId)) {
        throw new InvalidInput("user_id must be usr_...");
      }
    }
  }

  /** A page of members. */
  @GET
  @Path("v1/tenants/{id}/members")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listMembers", summary = "Who belongs to the tenant")
  @APIResponse(responseCode = "200", description = "The page")
  public Uni<Page<Members.MemberView>> list(
      String id, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    if (!Caller.of(identity).mayRead(id)) {
      throw Refusal.notFound("tenant").raise();
    }
    String after = page.afterId(IdKind.USER).orElse("");
    return Panache.withSession(() -> members.list(id, after, page.oneMore()))
        .map(found -> Page.of(found, page.size(), member -> Cursor.of(member.userId())));
  }

  /** Changes a member's role; tokens with the old role are refused within a second. */
  @PATCH
  @Path("v1/tenants/{id}/members/{user}")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "changeMember", summary = "Give a member another role")
  @APIResponse(responseCode = "204", description = "Changed")
  @APIResponse(responseCode = "401", description = "Not signed in, or not lately")
  @APIResponse(responseCode = "404", description = "No such member")
  @APIResponse(responseCode = "409", description = "The last owner")
  public Uni<Void> change(String id, String user, NewRole role, @Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    TenantResource.requireOwn(caller, id);
    caller.requireRecentSignIn(clock.instant());
    Role to = MemberRules.role(TenantResource.required(role).role());
    Origin origin = Origin.of(context);
    return Panache.withTransaction(() -> members.change(caller.subject(), id, user, to, origin))
        .invoke(MemberResource::requireDone)
        .replaceWithVoid();
  }

  /** Removes a member, or lets the caller leave. */
  @DELETE
  @Path("v1/tenants/{id}/members/{user}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME
  })
  @Operation(
      operationId = "removeMember",
      summary = "Take a member out (owners and admins), or leave (anybody, with their own id)")
  @APIResponse(
      responseCode = "200",
      description = "Removed; the keys they made go on working until they are revoked")
  @APIResponse(responseCode = "401", description = "Not signed in, or not lately")
  @APIResponse(responseCode = "404", description = "No such member")
  @APIResponse(responseCode = "409", description = "The last owner")
  public Uni<RemovedMember> remove(
      String id,
      String user,
      @Parameter(hidden = true) @HeaderParam("Authorization") String authorization,
      @Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    TenantResource.requireOwn(caller, id);
    if (!caller.subject().equals(user)) {
      caller.requireRecentSignIn(clock.instant());
    }
    Origin origin = Origin.of(context);
    return Panache.withTransaction(() -> members.remove(caller.subject(), id, user, origin))
        .invoke(MemberResource::requireDone)
        .emitOn(blocking)
        .map(done -> new RemovedMember(user, keys.madeBy(user, authorization), "/v1/keys/revoke"));
  }

  /**
   * A removed member and the keys that still exist.
   *
   * @param keys the keys that the member created, at most 100; null when keys-service did not
   *     answer
   * @param revoke the path to {@code POST {"created_by": user_id}} to, which deletes all of them
   */
  public record RemovedMember(String userId, List<MemberKeys.Key> keys, String revoke) {
    public RemovedMember {
      keys = keys == null ? null : List.copyOf(keys);
    }
  }

  /** Transfers the ownership to another member. */
  @POST
  @Path("v1/tenants/{id}/owner")
  @RolesAllowed(Role.OWNER_NAME)
  @Operation(
      operationId = "transferOwnership",
      summary = "Make another member the owner; the caller becomes an admin")
  @APIResponse(responseCode = "204", description = "Transferred")
  @APIResponse(responseCode = "404", description = "No such member")
  public Uni<Void> transfer(
      String id,
      @HeaderParam("Idempotency-Key") String once,
      NewOwner owner,
      @Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    TenantResource.requireOwn(caller, id);
    caller.requireRecentSignIn(clock.instant());
    NewOwner to = TenantResource.required(owner);
    Origin origin = Origin.of(context);
    return Panache.withTransaction(
            () ->
                idempotency.once(
                    caller.subject(),
                    "POST /v1/tenants/" + id + "/owner",
                    once,
                    Json.write(to),
                    () ->
                        members
                            .transfer(caller.subject(), id, to.userId(), origin)
                            .invoke(MemberResource::requireDone)
                            .replaceWith(new Idempotency.Answer(204, ""))))
        .replaceWithVoid();
  }

  private static void requireDone(MemberChange change) {
    switch (change) {
      case MemberChange.Done done -> {}
      case MemberChange.NotAllowed notAllowed -> throw notAllowed();
      case MemberChange.NoSuchMember none -> throw Refusal.notFound("member").raise();
      case MemberChange.LastOwner last ->
          throw Refusal.conflict(
                  "last_owner",
                  "A tenant needs an owner: transfer the ownership to another member first.")
              .raise();
      case MemberChange.SameOwner same ->
          throw Refusal.invalid("user_id must be another member").raise();
    }
  }

  static Refusal.RefusedException notAllowed() {
    return Refusal.of(
            403, "forbidden", "Your role does not allow this; ask an owner of the tenant.")
        .raise();
  }
}
