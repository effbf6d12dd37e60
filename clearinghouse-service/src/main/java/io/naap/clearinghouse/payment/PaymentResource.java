package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TenantDirectory;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
import io.naap.store.idempotency.Idempotency;
import io.naap.store.outbox.Outbox;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Money in. */
@Path("/v1/payments")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class PaymentResource {
  private final Ledger ledger;
  private final Idempotency idempotency;
  private final Receipts receipts;
  private final Sponsors sponsors;
  private final Reversals reversals;
  private final IdleMoney idleMoney;
  private final Outbox outbox;
  private final TenantDirectory tenants;
  private final SecurityIdentity identity;

  PaymentResource(
      Ledger ledger,
      Idempotency idempotency,
      Receipts receipts,
      Sponsors sponsors,
      Reversals reversals,
      IdleMoney idleMoney,
      Outbox outbox,
      TenantDirectory tenants,
      SecurityIdentity identity) {
    this.ledger = ledger;
    this.idempotency = idempotency;
    this.receipts = receipts;
    this.sponsors = sponsors;
    this.reversals = reversals;
    this.idleMoney = idleMoney;
    this.outbox = outbox;
    this.tenants = tenants;
    this.identity = identity;
  }

  /** Credit from the operator to a tenant. */
  @POST
  @Path("/credits")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "giveCredit", summary = "Give a tenant credit (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Given; the same answer again for the same Idempotency-Key",
      content = @Content(schema = @Schema(implementation = Payment.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such tenant")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid, or the key was used for another body")
  @APIResponse(responseCode = "503", description = "Nobody can say whether the tenant exists")
  @SecurityRequirement(name = "SecurityScheme")
  public Response give(@HeaderParam("Idempotency-Key") String key, CreditRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: tenant_id, amount and reason.").raise();
    }
    tenants.require(identity, request.tenantId());
    return once(
        key,
        "POST /v1/payments/credits",
        request,
        (books, by) ->
            receipts.in(
                books,
                new Receipts.Money(
                    request.tenantId(),
                    "credit",
                    request.amount(),
                    AccountRef.creditsIssued(),
                    request.reason(),
                    by,
                    Optional.empty())));
  }

  /** Money into a sponsor's budget. */
  @POST
  @Path("/sponsor-budgets/{id}/funds")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "fundSponsorBudget",
      summary = "Put money into a sponsor's budget, from a tenant's credit or our own (operator)")
  @APIResponse(
      responseCode = "201",
      description = "What the budget has now",
      content = @Content(schema = @Schema(implementation = SponsorBudget.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "402", description = "Not so much credit")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "Not the id of a budget, or no such tenant")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid, or the key was used for another body")
  @SecurityRequirement(name = "SecurityScheme")
  public Response fundBudget(
      @PathParam("id") String id,
      @HeaderParam("Idempotency-Key") String key,
      SponsorRequest request) {
    if (!IdKind.BUDGET.matches(id)) {
      throw Refusal.notFound("budget").raise();
    }
    if (request == null) {
      throw Refusal.invalid("Send a body: amount, reason, sponsor_tenant_id.").raise();
    }
    Optional.ofNullable(request.sponsorTenantId())
        .ifPresent(tenant -> tenants.require(identity, tenant));
    IdleMoney.Answer asked =
        Optional.ofNullable(request.sponsorTenantId())
            .map(tenant -> idleMoney.free(tenant, request.amount()))
            .orElse(IdleMoney.Answer.ASKED);
    return once(
        key,
        "POST /v1/payments/sponsor-budgets/" + id + "/funds",
        request,
        (books, by) -> sponsors.fund(books, id, request, by, asked));
  }

  /** What a sponsor's budget has. */
  @GET
  @Path("/sponsor-budgets/{id}")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "getSponsorBudget",
      summary = "What a sponsor's budget has (operator, support)")
  @APIResponse(responseCode = "200", description = "The budget")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "404", description = "No such budget")
  @SecurityRequirement(name = "SecurityScheme")
  public SponsorBudget budget(@PathParam("id") String id) {
    return sponsors.find(id).orElseThrow(() -> Refusal.notFound("budget").raise());
  }

  /** Undoes a journal by another. */
  @POST
  @Path("/reversals")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "reverseJournal",
      summary = "Undo a journal by a new one; nothing is ever changed (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Undone",
      content = @Content(schema = @Schema(implementation = Reversal.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such journal")
  @APIResponse(responseCode = "409", description = "Undone before, or the money is spent")
  @APIResponse(responseCode = "422", description = "Invalid, or the key was used for another body")
  @SecurityRequirement(name = "SecurityScheme")
  public Response reverse(@HeaderParam("Idempotency-Key") String key, ReversalRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: journal_id and reason.").raise();
    }
    IdleMoney.Answer asked = reversals.free(request.journalId());
    return once(
        key,
        "POST /v1/payments/reversals",
        request,
        (books, by) -> reversals.reverse(books, request, by, asked));
  }

  /** A tenant's payments. */
  @GET
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.BILLING_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listPayments", summary = "Money that came in or went back")
  @APIResponse(responseCode = "200", description = "The payments, the newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public PaymentPage list(
      @QueryParam("tenant_id") String tenantId,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    Caller caller = Caller.of(identity);
    String tenant =
        tenantId == null
            ? caller.tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise())
            : tenantId;
    if (!caller.mayRead(tenant) || tenant.indexOf('\0') >= 0) {
      throw Refusal.notFound("tenant").raise();
    }
    int size = limit == null ? 20 : limit;
    if (size < 1 || size > 100) {
      throw Refusal.invalid("limit is between 1 and 100").raise();
    }
    if (cursor != null && !IdKind.PAYMENT.matches(cursor)) {
      throw Refusal.invalid("cursor must be the next_cursor of the page before").raise();
    }
    List<Payment> found =
        ledger.read(
            tx ->
                tx
                    .query(
                        "select * from payment where tenant_id = $1 and ($2::text is null or id < $2)"
                            + " order by id desc limit $3",
                        tenant,
                        cursor,
                        size + 1)
                    .stream()
                    .map(Payment::read)
                    .toList());
    boolean more = found.size() > size;
    List<Payment> page = more ? found.subList(0, size) : found;
    return new PaymentPage(page, more ? page.getLast().id() : null);
  }

  private Response once(
      String key,
      String route,
      Object request,
      BiFunction<LedgerTransaction, String, Object> effect) {
    Caller caller = Caller.of(identity);
    Idempotency.Answer answer =
        ledger.transact(
            books ->
                idempotency.once(
                    books.tx(),
                    caller,
                    route,
                    key,
                    request,
                    () ->
                        new Idempotency.Answer(201, text(effect.apply(books, caller.subject())))));
    outbox.poke();
    return Response.status(answer.status()).entity(answer.body()).build();
  }

  private static String text(Object answer) {
    return Json.write(answer);
  }
}
