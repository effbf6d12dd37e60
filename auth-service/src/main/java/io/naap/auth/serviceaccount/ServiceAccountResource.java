package io.naap.auth.serviceaccount;

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
import io.naap.contracts.text.PlainText;
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
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Manages the service accounts of the caller's tenant. */
@Path("/v1/service-accounts")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
@SecurityRequirement(name = "SecurityScheme")
public class ServiceAccountResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(20, 100);
  private static final Set<Role> POSSIBLE =
      EnumSet.of(Role.ADMIN, Role.DEVELOPER, Role.BILLING, Role.VIEWER);

  private final ServiceAccounts accounts;
  private final SessionIdempotency idempotency;
  private final SecurityIdentity identity;
  private final Clock clock;

  ServiceAccountResource(
      ServiceAccounts accounts,
      SessionIdempotency idempotency,
      SecurityIdentity identity,
      Clock clock) {
    this.idempotency = idempotency;
    this.clock = clock;
    this.accounts = accounts;
    this.identity = identity;
  }

  /**
   * A request for a new service account.
   *
   * @param role admin (owners only), developer, billing or viewer
   */
  public record NewServiceAccount(String name, String role) {
    public NewServiceAccount {
      PlainText.line("name", name, 100);
      if (Role.find(role == null ? "" : role).filter(POSSIBLE::contains).isEmpty()) {
        throw new InvalidInput("role must be one of admin, developer, billing, viewer");
      }
    }
  }

  /** Creates a service account and returns its secret, which is shown only once. */
  @POST
  @Operation(
      operationId = "createServiceAccount",
      summary = "Make a service account; its secret is in this answer only")
  @APIResponse(
      responseCode = "201",
      description = "The account",
      content = @Content(schema = @Schema(implementation = ServiceAccounts.NewSecret.class)))
  @APIResponse(responseCode = "409", description = "Too many accounts")
  public Uni<Response> create(
      @HeaderParam("Idempotency-Key") String once,
      NewServiceAccount wanted,
      @Context RoutingContext context) {
    if (wanted == null) {
      throw Refusal.of(400, "malformed_json", "Send a JSON object.").raise();
    }
    Caller caller = Caller.of(identity);
    Role role = Role.find(wanted.role()).orElseThrow();
    if (role == Role.ADMIN && !caller.has(Role.OWNER)) {
      throw Refusal.of(403, "forbidden", "Only an owner can make an admin account.").raise();
    }
    caller.requireRecentSignIn(clock.instant());
    Origin origin = Origin.of(context);
    String tenantId = tenant(caller);
    return Panache.withTransaction(
            () ->
                idempotency.once(
                    caller.subject(),
                    "POST /v1/service-accounts " + tenantId,
                    once,
                    Json.write(wanted),
                    () ->
                        accounts
                            .create(caller.subject(), tenantId, wanted.name(), role, origin)
                            .map(made -> made.orElseThrow(ServiceAccountResource::tooMany))
                            .map(made -> new Idempotency.Answer(201, Json.write(made)))))
        .map(
            answer ->
                Response.status(answer.status())
                    .entity(answer.body())
                    .header("Cache-Control", "no-store")
                    .build());
  }

  private static Refusal.RefusedException tooMany() {
    return Refusal.conflict("too_many_service_accounts", "Delete accounts not in use.").raise();
  }

  /** A page of accounts, newest first. */
  @GET
  @Operation(operationId = "listServiceAccounts", summary = "Service accounts, newest first")
  @APIResponse(responseCode = "200", description = "The page")
  public Uni<Page<ServiceAccounts.AccountView>> list(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    String tenantId = tenant(Caller.of(identity));
    Optional<String> before = page.afterId(IdKind.SERVICE_ACCOUNT);
    return Panache.withSession(() -> accounts.list(tenantId, before, page.oneMore()))
        .map(found -> Page.of(found, page.size(), account -> Cursor.of(account.id())));
  }

  /** Deletes an account; its tokens are refused within a second. */
  @DELETE
  @Path("/{id}")
  @Operation(operationId = "deleteServiceAccount", summary = "Delete a service account")
  @APIResponse(responseCode = "204", description = "Deleted")
  @APIResponse(responseCode = "403", description = "An owner's account")
  @APIResponse(responseCode = "404", description = "No such account")
  public Uni<Void> remove(String id, @Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    String tenantId = tenant(caller);
    Origin origin = Origin.of(context);
    return Panache.withTransaction(
            () -> accounts.remove(caller.subject(), caller.has(Role.OWNER), tenantId, id, origin))
        .invoke(ServiceAccountResource::requireDone)
        .replaceWithVoid();
  }

  private static void requireDone(ServiceAccounts.Removed removed) {
    switch (removed) {
      case ServiceAccounts.Removed.Done done -> {}
      case ServiceAccounts.Removed.NoneSuch none ->
          throw Refusal.notFound("service account").raise();
      case ServiceAccounts.Removed.OwnersOnly owners ->
          throw Refusal.of(
                  403,
                  "forbidden",
                  "Only an owner can delete an admin account, or one that an owner made.")
              .raise();
    }
  }

  private static String tenant(Caller caller) {
    return caller
        .tenantId()
        .orElseThrow(() -> Refusal.of(403, "forbidden", "The token names no tenant.").raise());
  }
}
