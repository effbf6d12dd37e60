package io.naap.clearinghouse.transfer;

import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.InsufficientCredit;
import io.naap.clearinghouse.payment.IdempotentBooking;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TenantDirectory;
import io.naap.contracts.problem.Refusal;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Transfers of credit from one tenant to another. */
@Path("/v1/payments/transfers")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class TransferResource {
  private final IdempotentBooking booking;
  private final Transfers transfers;
  private final Tenancies tenancies;
  private final IdleMoney idleMoney;
  private final TenantDirectory tenants;
  private final SecurityIdentity identity;
  private final Clock clock;

  TransferResource(
      IdempotentBooking booking,
      Transfers transfers,
      Tenancies tenancies,
      IdleMoney idleMoney,
      TenantDirectory tenants,
      SecurityIdentity identity,
      Clock clock) {
    this.booking = booking;
    this.transfers = transfers;
    this.tenancies = tenancies;
    this.idleMoney = idleMoney;
    this.tenants = tenants;
    this.identity = identity;
    this.clock = clock;
  }

  /** Moves credit; members out of their tenant into another one of theirs. */
  @POST
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.BILLING_NAME, Role.OPERATOR_NAME})
  @Operation(
      operationId = "transferCredit",
      summary = "Move credit from the caller's tenant to another the caller belongs to")
  @APIResponse(
      responseCode = "201",
      description = "Moved; the same answer again for the same Idempotency-Key",
      content = @Content(schema = @Schema(implementation = Transfer.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "402", description = "Not so much credit")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @APIResponse(responseCode = "404", description = "One of the tenants is not the caller's")
  @APIResponse(
      responseCode = "409",
      description = "The first request is still running, or the tenant is suspended")
  @APIResponse(responseCode = "422", description = "Invalid, or the key was used for another body")
  @APIResponse(responseCode = "429", description = "Members have moved as much as a day allows")
  @APIResponse(responseCode = "503", description = "Nobody can say now whose tenant it is")
  @SecurityRequirement(name = "SecurityScheme")
  public Response transfer(
      @HeaderParam("Idempotency-Key") String key,
      @Context HttpHeaders headers,
      TransferRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: to_tenant_id, amount, reason.").raise();
    }
    Caller caller = Caller.of(identity);
    caller.requireRecentSignIn(clock.instant());
    boolean operator = caller.has(Role.OPERATOR);
    String from = from(caller, request);
    // The request always names both tenants: the same key for another tenant is another body.
    TransferRequest named =
        new TransferRequest(from, request.toTenantId(), request.amount(), request.reason());
    if (operator) {
      tenants.require(identity, from);
      tenants.require(identity, request.toTenantId());
    } else {
      requireMember(headers.getHeaderString(HttpHeaders.AUTHORIZATION), request.toTenantId());
    }
    IdleMoney.Answer asked = idleMoney.free(from, request.amount());
    Idempotency.Answer answer =
        booking.once(
            caller,
            "POST /v1/payments/transfers",
            key,
            named,
            transaction ->
                moved(transfers.move(transaction, named, caller.subject(), operator), asked));
    return Response.status(answer.status()).entity(answer.body()).build();
  }

  private static String from(Caller caller, TransferRequest request) {
    String own = caller.tenantId().orElse(null);
    String from = request.fromTenantId() == null ? own : request.fromTenantId();
    if (from == null || (!caller.has(Role.OPERATOR) && !from.equals(own))) {
      throw Refusal.notFound("tenant").raise();
    }
    if (from.equals(request.toTenantId())) {
      throw Refusal.invalid("to_tenant_id must be another tenant").raise();
    }
    return from;
  }

  private void requireMember(String authorization, String tenantId) {
    switch (tenancies.of(authorization, tenantId)) {
      case Tenancies.Tenancy.Member member -> {}
      case Tenancies.Tenancy.Stranger stranger -> throw Refusal.notFound("tenant").raise();
      case Tenancies.Tenancy.Suspended suspended ->
          throw Refusal.conflict("tenant_suspended", "The other tenant is suspended.").raise();
      case Tenancies.Tenancy.Unknown unknown ->
          throw Refusal.unavailable("Nobody can say now whose tenant it is; try again.").raise();
    }
  }

  private static Transfer moved(Transfers.Outcome outcome, IdleMoney.Answer asked) {
    return switch (outcome) {
      case Transfers.Outcome.Moved moved -> moved.transfer();
      case Transfers.Outcome.InsufficientBalance tooLittle ->
          throw InsufficientCredit.refusal(asked).raise();
      case Transfers.Outcome.OverLimit over ->
          throw Refusal.of(
                  429,
                  "transfer_limit",
                  "Members may move " + over.left() + " USD more within a day; ask the operator.")
              .raise();
    };
  }
}
