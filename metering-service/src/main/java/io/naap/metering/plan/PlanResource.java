package io.naap.metering.plan;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TenantDirectory;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.idempotency.Idempotency;
import io.naap.store.outbox.Outbox;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** What jobs cost, and for whom. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class PlanResource {
  private final Plans plans;
  private final TenantPlans tenantPlans;
  private final Transactions transactions;
  private final Idempotency idempotency;
  private final Outbox outbox;
  private final Clock clock;
  private final TenantDirectory tenants;
  private final SecurityIdentity identity;

  PlanResource(
      Plans plans,
      TenantPlans tenantPlans,
      Transactions transactions,
      Idempotency idempotency,
      Outbox outbox,
      Clock clock,
      TenantDirectory tenants,
      SecurityIdentity identity) {
    this.plans = plans;
    this.tenantPlans = tenantPlans;
    this.transactions = transactions;
    this.idempotency = idempotency;
    this.outbox = outbox;
    this.clock = clock;
    this.tenants = tenants;
    this.identity = identity;
  }

  /** Every plan that is offered. */
  @GET
  @Path("v1/plans")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listPlans", summary = "The plans that are offered")
  @APIResponse(responseCode = "200", description = "The plans")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  public OfferedPlan.Page list() {
    Caller caller = Caller.of(identity);
    return new OfferedPlan.Page(plans.offered(caller.tenantId(), caller.readsAllTenants()), null);
  }

  /** One plan. */
  @GET
  @Path("v1/plans/{id}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getPlan", summary = "One plan, in the version in force")
  @APIResponse(responseCode = "200", description = "The plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such plan")
  public OfferedPlan get(String id) {
    return plans.find(id).filter(this::isShown).orElseThrow(() -> Refusal.notFound("plan").raise());
  }

  private boolean isShown(OfferedPlan plan) {
    return plan.tenantId().isEmpty() || Caller.of(identity).mayRead(plan.tenantId().get());
  }

  /** Every version of a plan. */
  @GET
  @Path("v1/plans/{id}/versions")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listPlanVersions", summary = "Every version of a plan, newest first")
  @APIResponse(responseCode = "200", description = "The versions")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such plan")
  public OfferedPlan.Page versions(String id) {
    get(id);
    return new OfferedPlan.Page(plans.history(id), null);
  }

  /** Makes a plan. */
  @POST
  @Path("v1/plans")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "createPlan", summary = "Make a plan (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = OfferedPlan.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response create(@HeaderParam("Idempotency-Key") String key, PlanRequest request) {
    return once(key, "POST /v1/plans", request, tx -> write(plans.create(tx, request)));
  }

  private static String write(OfferedPlan plan) {
    return Json.write(plan);
  }

  /** Adds a version; the past keeps the one it was billed with. */
  @POST
  @Path("v1/plans/{id}/versions")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "addPlanVersion", summary = "Add a version to a plan (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Added",
      content = @Content(schema = @Schema(implementation = OfferedPlan.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such plan")
  @APIResponse(responseCode = "409", description = "A tenant's own plan, or still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response addVersion(
      String id, @HeaderParam("Idempotency-Key") String key, PlanRequest request) {
    return once(
        key,
        "POST /v1/plans/" + id + "/versions",
        request,
        tx -> write(plans.addVersion(tx, id, request)));
  }

  /** The plan a tenant is on, for its members. */
  @GET
  @Path("v1/plans/tenants/{tenant}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(
      operationId = "getPlanOfTenant",
      summary = "The plan a tenant is on, and where its period is")
  @APIResponse(responseCode = "200", description = "The plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  public TenantPlan planOf(String tenant) {
    requireReadable(tenant);
    return tenantPlans.of(tenant);
  }

  /** Since when a tenant has which plan. */
  @GET
  @Path("v1/plans/tenants/{tenant}/assignments")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listAssignments", summary = "Since when a tenant has which plan")
  @APIResponse(responseCode = "200", description = "The assignments, newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  public Assignment.Page assignments(String tenant) {
    requireReadable(tenant);
    return new Assignment.Page(plans.assignments(tenant), null);
  }

  private void requireReadable(String tenant) {
    if (!IdKind.TENANT.matches(tenant) || !Caller.of(identity).mayRead(tenant)) {
      throw Refusal.notFound("tenant").raise();
    }
  }

  /** Gives a tenant a plan. */
  @PUT
  @Path("v1/plans/tenants/{tenant}")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "assignPlan", summary = "Give a tenant a plan (operator)")
  @APIResponse(responseCode = "200", description = "Given")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such tenant")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Assignment assign(String tenant, Assignment.Request request) {
    requireReadable(tenant);
    require(request);
    tenants.require(identity, tenant);
    if (request.planId() == null) {
      throw Refusal.invalid("plan_id names a plan.").raise();
    }
    Assignment made =
        transactions.run(
            tx ->
                plans.assign(
                    tx, tenant, request.planId(), request.effectiveFrom().orElse(clock.instant())));
    outbox.poke();
    return made;
  }

  /** Makes a tenant a plan of its own. */
  @PUT
  @Path("v1/plans/tenants/{tenant}/override")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "overridePlan", summary = "Change a plan for one tenant (operator)")
  @APIResponse(responseCode = "200", description = "The tenant's own plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such tenant")
  @APIResponse(responseCode = "422", description = "Invalid")
  public OfferedPlan override(String tenant, OverrideRequest request) {
    requireReadable(tenant);
    require(request);
    tenants.require(identity, tenant);
    OfferedPlan made = transactions.run(tx -> plans.override(tx, tenant, request));
    outbox.poke();
    return made;
  }

  /** The sponsors' budgets. */
  @GET
  @Path("v1/plans/budgets")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(operationId = "listBudgets", summary = "Sponsors' budgets and what is spent of them")
  @APIResponse(responseCode = "200", description = "The budgets")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  public Budget.Page budgets() {
    return new Budget.Page(plans.budgets(), null);
  }

  /** A new budget. */
  @POST
  @Path("v1/plans/budgets")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "createBudget", summary = "Note a sponsor's budget (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Noted",
      content = @Content(schema = @Schema(implementation = Budget.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response createBudget(@HeaderParam("Idempotency-Key") String key, Budget.Request request) {
    return once(
        key, "POST /v1/plans/budgets", request, tx -> write(plans.createBudget(tx, request)));
  }

  private static String write(Budget budget) {
    return Json.write(budget);
  }

  /** The price books. */
  @GET
  @Path("v1/prices")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listPriceBooks", summary = "The price books, in their newest version")
  @APIResponse(responseCode = "200", description = "The books")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  public PriceBook.Page books() {
    return new PriceBook.Page(plans.books(), null);
  }

  /** A new price book. */
  @POST
  @Path("v1/prices")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "createPriceBook", summary = "Make a price book (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = PriceBook.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response createBook(
      @HeaderParam("Idempotency-Key") String key, PriceBook.Request request) {
    return once(key, "POST /v1/prices", request, tx -> write(plans.createBook(tx, request)));
  }

  /** A new version of a book, and of every plan that takes its charges. */
  @POST
  @Path("v1/prices/{id}/versions")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "addPriceBookVersion",
      summary = "Add a version to a price book and to the plans that use it (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Added",
      content = @Content(schema = @Schema(implementation = PriceBook.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such book")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response addBookVersion(
      String id, @HeaderParam("Idempotency-Key") String key, PriceBook.Request request) {
    return once(
        key,
        "POST /v1/prices/" + id + "/versions",
        request,
        tx -> write(plans.addBookVersion(tx, id, request)));
  }

  private static String write(PriceBook book) {
    return Json.write(book);
  }

  /** The plan a tenant is on, for routers. */
  @GET
  @Path("internal/tenants/{id}/plan")
  @RolesAllowed(Role.SERVICE_NAME)
  @Operation(operationId = "getTenantPlan", summary = "The plan a tenant is on (services)")
  @APIResponse(responseCode = "200", description = "The plan")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not a service")
  public TenantPlan ofTenant(String id) {
    if (!IdKind.TENANT.matches(id)) {
      throw Refusal.notFound("tenant").raise();
    }
    return tenantPlans.of(id);
  }

  private static void require(Object request) {
    if (request == null) {
      throw Refusal.invalid("Send a body.").raise();
    }
  }

  private Response once(String key, String route, Object request, Function<Tx, String> effect) {
    require(request);
    Caller caller = Caller.of(identity);
    Idempotency.Answer answer =
        transactions.run(
            tx ->
                idempotency.once(
                    tx,
                    caller,
                    route,
                    key,
                    request,
                    () -> new Idempotency.Answer(201, effect.apply(tx))));
    outbox.poke();
    return Response.status(answer.status()).entity(answer.body()).build();
  }
}
