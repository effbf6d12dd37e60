package io.naap.clearinghouse.stripe;

import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.InsufficientCredit;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.payment.Payment;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Refunds of card payments. */
@Path("/v1/payments/{id}/refunds")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class RefundResource {
  private final StripeApi stripe;
  private final CardRefunds refunds;
  private final IdleMoney idleMoney;
  private final Ledger ledger;
  private final Idempotency idempotency;
  private final Ids ids;
  private final SecurityIdentity identity;
  private final Clock clock;

  RefundResource(
      StripeApi stripe,
      CardRefunds refunds,
      IdleMoney idleMoney,
      Ledger ledger,
      Idempotency idempotency,
      Ids ids,
      SecurityIdentity identity,
      Clock clock) {
    this.clock = clock;
    this.stripe = stripe;
    this.refunds = refunds;
    this.idleMoney = idleMoney;
    this.ledger = ledger;
    this.idempotency = idempotency;
    this.ids = ids;
    this.identity = identity;
  }

  /** The stored answer of a refund. */
  public record Refund(String id, Payment payment) {}

  /** Sends money of a card payment back. */
  @POST
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "refundPayment", summary = "Send money back to the card (operator)")
  @APIResponse(
      responseCode = "201",
      description = "On its way; the same answer again for the same Idempotency-Key",
      content = @Content(schema = @Schema(implementation = Payment.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such card payment, or less is left of it")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid, or Stripe refused")
  @APIResponse(responseCode = "503", description = "There are no card payments, or none now")
  @SecurityRequirement(name = "SecurityScheme")
  public Response refund(
      @PathParam("id") String paymentId,
      @HeaderParam("Idempotency-Key") String key,
      RefundRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: amount.").raise();
    }
    requireStripe();
    if (!IdKind.PAYMENT.matches(paymentId)) {
      throw Refusal.notFound("card payment").raise();
    }
    Caller caller = Caller.of(identity);
    caller.requireRecentSignIn(clock.instant());
    IdleMoney.Answer asked =
        refunds
            .tenantOf(paymentId)
            .map(tenant -> idleMoney.free(tenant, request.amount()))
            .orElse(IdleMoney.Answer.ASKED);
    Idempotency.Answer booked =
        ledger.transact(
            transaction ->
                idempotency.once(
                    transaction.tx(),
                    caller,
                    "POST /v1/payments/" + paymentId + "/refunds",
                    key,
                    request,
                    () -> {
                      String refundId = ids.next(IdKind.PAYMENT);
                      Optional<Payment> payment =
                          refunds.book(
                              transaction, paymentId, request.amount(), refundId, caller.subject());
                      Payment out = payment.orElseThrow(() -> notBooked(asked).raise());
                      return new Idempotency.Answer(201, text(refundId, out));
                    }));
    Refund refund = refund(booked.body());
    return switch (refunds.send(paymentId, request.amount(), refund.id())) {
      case StripeApi.Answer.Done done -> Response.status(201).entity(refund.payment()).build();
      case StripeApi.Answer.Refused refused ->
          throw Refusal.invalid("Stripe refused: " + refused.reason()).raise();
      case StripeApi.Answer.Unknown unknown ->
          throw Refusal.unavailable("Stripe does not answer; send the same request again.").raise();
    };
  }

  private static Refusal notBooked(IdleMoney.Answer asked) {
    return switch (asked) {
      case ASKED, HELD -> Refusal.notFound("card payment with so much left");
      case UNAVAILABLE -> InsufficientCredit.refusal(asked);
    };
  }

  private void requireStripe() {
    if (!stripe.isOn()) {
      throw Refusal.unavailable("There are no card payments here.").raise();
    }
  }

  private static String text(String id, Payment payment) {
    return Json.write(new Refund(id, payment));
  }

  private static Refund refund(String booked) {
    return Json.read(booked, Refund.class);
  }
}
