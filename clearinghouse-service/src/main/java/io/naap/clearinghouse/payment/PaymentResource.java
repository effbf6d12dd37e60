package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.InsufficientCredit;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TenantDirectory;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.store.idempotency.Idempotency;
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
import java.util.Optional;
import java.util.function.BiFunction;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Payments, sponsors' budgets and reversals. */
@Path("/v1/payments")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class PaymentResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(20, 100);

  private final IdempotentBooking booking;
  private final Payments payments;
  private final Receipts receipts;
  private final Sponsors sponsors;
  private final Reversals reversals;
  private final IdleMoney idleMoney;
  private final TenantDirectory tenants;
  private final SecurityIdentity identity;

  PaymentResource(
      IdempotentBooking booking,
      Payments payments,
      Receipts receipts,
      Sponsors sponsors,
      Reversals reversals,
      IdleMoney idleMoney,
      TenantDirectory tenants,
      SecurityIdentity identity) {
    this.booking = booking;
    this.payments = payments;
    this.receipts = receipts;
    this.sponsors = sponsors;
    this.reversals = reversals;
    this.idleMoney = idleMoney;
    this.tenants = tenants;
    this.identity = identity;
  }

  /** Gives a tenant credit of the operator's. */
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
        (transaction, by) ->
            receipts.in(
                transaction,
                new Receipts.Money(
                    request.tenantId(),
                    "credit",
                    request.amount(),
                    AccountRef.creditsIssued(),
                    request.reason(),
                    by,
                    Optional.empty())));
  }

  /** Puts money into a sponsor's budget. */
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
        (transaction, by) ->
            sponsors
                .fund(transaction, id, request, by)
                .orElseThrow(() -> InsufficientCredit.refusal(asked).raise()));
  }

  /** Reads a sponsor's budget. */
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

  /** Reverses a journal by another one. */
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
        (transaction, by) ->
            switch (reversals.reverse(transaction, request, by, asked)) {
              case Reversals.Outcome.Reversed reversed -> reversed.reversal();
              case Reversals.Outcome.Refused refused -> throw refused.refusal().raise();
            });
  }

  /** Lists a tenant's payments. */
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
  public Page<Payment> list(
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
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    page.after().ifPresent(after -> after.text(0, IdKind.PAYMENT::matches));
    return Page.of(payments.list(tenant, page), page.size(), Payments::position);
  }

  private Response once(
      String key,
      String route,
      Object request,
      BiFunction<LedgerTransaction, String, Object> effect) {
    Caller caller = Caller.of(identity);
    Idempotency.Answer answer =
        booking.once(
            caller,
            route,
            key,
            request,
            transaction -> effect.apply(transaction, caller.subject()));
    return Response.status(answer.status()).entity(answer.body()).build();
  }
}
