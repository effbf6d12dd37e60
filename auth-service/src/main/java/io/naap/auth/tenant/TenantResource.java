package io.naap.auth.tenant;

import io.naap.auth.audit.Origin;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.text.PlainText;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.idempotency.Idempotency;
import io.naap.store.outbox.Outbox;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The caller, and the tenants that the caller belongs to. */
@Path("/")
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
public class TenantResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(20, 100);

  private final Tenants tenants;
  private final Memberships memberships;
  private final Transactions transactions;
  private final Idempotency idempotency;
  private final Outbox outbox;
  private final SecurityIdentity identity;

  TenantResource(
      Tenants tenants,
      Memberships memberships,
      Transactions transactions,
      Idempotency idempotency,
      Outbox outbox,
      SecurityIdentity identity) {
    this.transactions = transactions;
    this.idempotency = idempotency;
    this.outbox = outbox;
    this.tenants = tenants;
    this.memberships = memberships;
    this.identity = identity;
  }

  /** The caller, as the access token states it. */
  public record Me(String userId, String tenantId, String wallet, List<String> roles) {
    public Me {
      roles = List.copyOf(roles);
    }
  }

  /** The name of a tenant, 1 to 100 characters. */
  public record TenantName(String name) {
    public TenantName {
      PlainText.line("name", name, 100);
    }
  }

  /** The reason for an operator's action, 1 to 500 characters; kept in the audit log. */
  public record Reason(String reason) {
    public Reason {
      PlainText.line("reason", reason, 500);
    }
  }

  /** Returns the caller. */
  @GET
  @Path("v1/me")
  @Operation(operationId = "me", summary = "Who the caller is")
  @APIResponse(responseCode = "200", description = "The caller")
  public Me me() {
    Caller caller = Caller.of(identity);
    return new Me(
        caller.subject(),
        caller.tenantId().orElse(null),
        caller.wallet().orElse(null),
        caller.roles().stream().map(Role::wireName).sorted().toList());
  }

  /** A page of the caller's tenants. */
  @GET
  @Path("v1/tenants")
  @Operation(operationId = "listTenants", summary = "Tenants the caller belongs to")
  @APIResponse(responseCode = "200", description = "The page")
  public Uni<Page<Tenants.TenantView>> list(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    Caller caller = Caller.of(identity);
    String after = page.afterId(IdKind.TENANT).orElse("");
    return Panache.withSession(() -> tenants.list(caller, after, page.oneMore()))
        .map(found -> Page.of(found, page.size(), tenant -> Cursor.of(tenant.id())));
  }

  /** Creates a tenant that the caller owns. */
  @POST
  @Path("v1/tenants")
  @RunOnVirtualThread
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "createTenant",
      summary = "Make a tenant; refresh with its tenant_id to act for it")
  @APIResponse(
      responseCode = "201",
      description = "The tenant",
      content = @Content(schema = @Schema(implementation = Tenants.TenantView.class)))
  @APIResponse(responseCode = "409", description = "Too many tenants")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response create(
      @HeaderParam("Idempotency-Key") String once,
      TenantName wanted,
      @Context RoutingContext context) {
    Caller caller = person();
    TenantName checked = required(wanted);
    Idempotency.Answer answer =
        transactions.run(
            tx ->
                idempotency.onceIfAsked(
                    tx,
                    caller,
                    "POST /v1/tenants",
                    once,
                    checked,
                    () ->
                        new Idempotency.Answer(
                            201, created(tx, caller, checked, Origin.of(context)))));
    outbox.poke();
    return Response.status(answer.status()).entity(answer.body()).build();
  }

  private String created(Tx tx, Caller caller, TenantName wanted, Origin origin) {
    Tenants.TenantView made =
        memberships
            .createOwned(tx, caller.subject(), wanted.name(), origin)
            .orElseThrow(
                () ->
                    Refusal.conflict("too_many_tenants", "You own as many tenants as one may.")
                        .raise());
    return write(made);
  }

  private static String write(Tenants.TenantView tenant) {
    return Json.write(tenant);
  }

  /** Renames the caller's tenant. */
  @PATCH
  @Path("v1/tenants/{id}")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(operationId = "renameTenant", summary = "Give the tenant another name")
  @APIResponse(responseCode = "200", description = "The tenant")
  @APIResponse(responseCode = "404", description = "No such tenant")
  public Uni<Tenants.TenantView> rename(
      String id, TenantName wanted, @Context RoutingContext context) {
    Caller caller = Caller.of(identity);
    requireOwn(caller, id);
    String name = required(wanted).name();
    Origin origin = Origin.of(context);
    return changed(() -> tenants.rename(caller.subject(), id, name, origin));
  }

  /** Suspends a tenant: within a second its people and API keys are refused everywhere. */
  @POST
  @Path("v1/tenants/{id}/suspend")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(operationId = "suspendTenant", summary = "Suspend a tenant (operator)")
  @APIResponse(responseCode = "200", description = "The tenant")
  @APIResponse(responseCode = "404", description = "No such tenant")
  public Uni<Tenants.TenantView> suspend(
      String id, Reason reason, @Context RoutingContext context) {
    return setStatus(id, "suspended", reason, context);
  }

  /** Ends a suspension. */
  @POST
  @Path("v1/tenants/{id}/reinstate")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(operationId = "reinstateTenant", summary = "Take a suspension back (operator)")
  @APIResponse(responseCode = "200", description = "The tenant")
  @APIResponse(responseCode = "404", description = "No such tenant")
  public Uni<Tenants.TenantView> reinstate(
      String id, Reason reason, @Context RoutingContext context) {
    return setStatus(id, "active", reason, context);
  }

  private Uni<Tenants.TenantView> setStatus(
      String id, String status, Reason reason, RoutingContext context) {
    String actor = Caller.of(identity).subject();
    String why = required(reason).reason();
    Origin origin = Origin.of(context);
    return changed(() -> tenants.setStatus(actor, id, status, why, origin));
  }

  private Uni<Tenants.TenantView> changed(Supplier<Uni<Optional<Tenants.TenantView>>> change) {
    return Panache.withTransaction(change)
        .invoke(outbox::poke)
        .map(tenant -> tenant.orElseThrow(() -> Refusal.notFound("tenant").raise()));
  }

  private Caller person() {
    Caller caller = Caller.of(identity);
    if (!IdKind.USER.matches(caller.subject())) {
      throw Refusal.of(403, "forbidden", "This is for people, not for service accounts.").raise();
    }
    return caller;
  }

  /**
   * Requires that the caller's token acts for this tenant; any other tenant is answered with 404.
   */
  static void requireOwn(Caller caller, String tenantId) {
    if (caller.tenantId().filter(tenantId::equals).isEmpty()) {
      throw Refusal.notFound("tenant").raise();
    }
  }

  static <T> T required(T body) {
    if (body == null) {
      throw Refusal.of(400, "malformed_json", "Send a JSON object.").raise();
    }
    return body;
  }

  /** Returns one tenant. */
  @GET
  @Path("v1/tenants/{id}")
  @Operation(operationId = "getTenant", summary = "One tenant")
  @APIResponse(responseCode = "200", description = "The tenant")
  @APIResponse(responseCode = "404", description = "No such tenant")
  public Uni<Tenants.TenantView> get(String id) {
    Caller caller = Caller.of(identity);
    return Panache.withSession(() -> tenants.find(caller, id))
        .map(tenant -> tenant.orElseThrow(() -> Refusal.notFound("tenant").raise()));
  }
}
