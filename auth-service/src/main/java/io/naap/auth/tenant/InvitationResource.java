package io.naap.auth.tenant;

import io.naap.auth.audit.Origin;
import io.naap.auth.wallet.Address;
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
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Invitations into the caller's tenant, and invitations of the caller's wallet. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class InvitationResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(50, 100);
  private static final Pattern CONTRACT = Pattern.compile("eip155:[1-9][0-9]{0,14}:(.{42})");

  private final Invitations invitations;
  private final SessionIdempotency idempotency;
  private final SecurityIdentity identity;
  private final Clock clock;

  InvitationResource(
      Invitations invitations,
      SessionIdempotency idempotency,
      SecurityIdentity identity,
      Clock clock) {
    this.clock = clock;
    this.idempotency = idempotency;
    this.invitations = invitations;
    this.identity = identity;
  }

  /**
   * A request to invite a wallet.
   *
   * @param wallet an EIP-55 address, or {@code eip155:<chain>:<address>} for a contract wallet
   * @param role admin, developer, billing or viewer
   */
  public record NewInvitation(String wallet, String role) {
    public NewInvitation {
      String address = wallet == null ? "" : CONTRACT.matcher(wallet).replaceFirst("$1");
      if (!Address.isChecksummed(address)) {
        throw new InvalidInput(
            "wallet must be an address with its EIP-55 checksum, or eip155:<chain>:<address> for a"
                + " contract wallet");
      }
      if (MemberRules.role(role) == Role.OWNER) {
        throw new InvalidInput(
            "role must be one of admin, developer, billing, viewer: ownership is transferred");
      }
    }
  }

  /** The tenant of an invitation that was accepted or declined. */
  public record Answered(String tenantId) {}

  /** Invites a wallet. */
  @POST
  @Path("v1/tenants/{id}/invitations")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "invite", summary = "Invite a wallet into the tenant")
  @APIResponse(
      responseCode = "201",
      description = "The invitation",
      content = @Content(schema = @Schema(implementation = Invitations.InvitationView.class)))
  @APIResponse(responseCode = "401", description = "Not signed in, or not lately")
  @APIResponse(responseCode = "404", description = "No such tenant")
  @APIResponse(responseCode = "409", description = "A member or invited already, or too many")
  public Uni<Response> invite(
      String id,
      @HeaderParam("Idempotency-Key") String once,
      NewInvitation wanted,
      @Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    TenantResource.requireOwn(caller, id);
    // An invited wallet signs in by itself, so a stolen token must not be able to invite one.
    caller.requireRecentSignIn(clock.instant());
    NewInvitation checked = TenantResource.required(wanted);
    Origin origin = Origin.of(context);
    Role role = MemberRules.role(checked.role());
    return Panache.withTransaction(
            () ->
                idempotency.once(
                    caller.subject(),
                    "POST /v1/tenants/" + id + "/invitations",
                    once,
                    Json.write(checked),
                    () ->
                        invitations
                            .invite(caller.subject(), id, checked.wallet(), role, origin)
                            .map(InvitationResource::made)
                            .map(made -> new Idempotency.Answer(201, Json.write(made)))))
        .map(answer -> Response.status(answer.status()).entity(answer.body()).build());
  }

  private static Invitations.InvitationView made(Invited invited) {
    return switch (invited) {
      case Invited.Done done -> done.invitation();
      case Invited.NotAllowed notAllowed -> throw MemberResource.notAllowed();
      case Invited.AlreadyMember member ->
          throw Refusal.conflict("already_member", "This wallet belongs to the tenant already.")
              .raise();
      case Invited.AlreadyInvited already ->
          throw Refusal.conflict(
                  "already_invited", "This wallet has an open invitation; withdraw it first.")
              .raise();
      case Invited.TooMany many ->
          throw Refusal.conflict(
                  "too_many_members",
                  "A tenant may have " + many.most() + " members and open invitations.")
              .raise();
    };
  }

  /** Open invitations of the caller's tenant. */
  @GET
  @Path("v1/tenants/{id}/invitations")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "listInvitations", summary = "Open invitations of the tenant")
  @APIResponse(responseCode = "200", description = "The page")
  public Uni<Page<Invitations.InvitationView>> list(
      String id, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    TenantResource.requireOwn(Caller.of(identity), id);
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    Optional<String> before = page.afterId(IdKind.INVITATION);
    return Panache.withSession(() -> invitations.ofTenant(id, before, page.oneMore()))
        .map(found -> page(found, page.size()));
  }

  /** Withdraws an invitation. */
  @DELETE
  @Path("v1/tenants/{id}/invitations/{invitation}")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "withdrawInvitation", summary = "Take an invitation back")
  @APIResponse(responseCode = "204", description = "Withdrawn")
  @APIResponse(responseCode = "404", description = "No such open invitation")
  public Uni<Void> withdraw(String id, String invitation, @Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    TenantResource.requireOwn(caller, id);
    Origin origin = Origin.of(context);
    return Panache.withTransaction(
            () -> invitations.withdraw(caller.subject(), id, invitation, origin))
        .map(InvitationResource::tenantOf)
        .replaceWithVoid();
  }

  /** Open invitations of the caller's wallet. */
  @GET
  @Path("v1/me/invitations")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME
  })
  @Operation(operationId = "myInvitations", summary = "Open invitations of the caller's wallet")
  @APIResponse(responseCode = "200", description = "The page")
  public Uni<Page<Invitations.InvitationView>> mine(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    Optional<String> before = page.afterId(IdKind.INVITATION);
    String wallet = wallet();
    return Panache.withSession(() -> invitations.ofWallet(wallet, before, page.oneMore()))
        .map(found -> page(found, page.size()));
  }

  /**
   * Accepts an invitation. To act for the tenant, the client then refreshes its tokens with the
   * tenant's id.
   */
  @POST
  @Path("v1/me/invitations/{invitation}/accept")
  @Consumes(MediaType.WILDCARD)
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME
  })
  @Operation(
      operationId = "acceptInvitation",
      summary = "Accept; refresh with the tenant_id to act for the tenant")
  @APIResponse(responseCode = "200", description = "The tenant")
  @APIResponse(responseCode = "404", description = "No such open invitation")
  public Uni<Answered> accept(String invitation, @Context RoutingContext context) {
    return answer(invitation, true, context);
  }

  /** Declines an invitation. */
  @POST
  @Path("v1/me/invitations/{invitation}/decline")
  @Consumes(MediaType.WILDCARD)
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME
  })
  @Operation(operationId = "declineInvitation", summary = "Decline")
  @APIResponse(responseCode = "200", description = "The tenant")
  @APIResponse(responseCode = "404", description = "No such open invitation")
  public Uni<Answered> decline(String invitation, @Context RoutingContext context) {
    return answer(invitation, false, context);
  }

  private Uni<Answered> answer(String invitation, boolean accept, RoutingContext context) {
    String user = Caller.of(identity).subject();
    String wallet = wallet();
    Origin origin = Origin.of(context);
    return Panache.withTransaction(
            () -> invitations.answer(user, wallet, invitation, accept, origin))
        .map(InvitationResource::tenantOf)
        .map(Answered::new);
  }

  private static String tenantOf(InvitationEnd end) {
    return switch (end) {
      case InvitationEnd.Ended ended -> ended.tenantId();
      case InvitationEnd.NoneOpen none -> throw Refusal.notFound("open invitation").raise();
      case InvitationEnd.NotAllowed notAllowed -> throw MemberResource.notAllowed();
    };
  }

  private String wallet() {
    return Caller.of(identity)
        .wallet()
        .orElseThrow(
            () ->
                Refusal.of(403, "forbidden", "This is for people, not for service accounts.")
                    .raise());
  }

  private static Page<Invitations.InvitationView> page(
      List<Invitations.InvitationView> found, int size) {
    return Page.of(found, size, invitation -> Cursor.of(invitation.id()));
  }
}
