package io.naap.clearinghouse.stripe;

import io.naap.clearinghouse.ledger.Ledger;
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
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Buying credit by card. */
@Path("/v1/payments/checkout")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class CheckoutResource {
  private final StripeApi stripe;
  private final StripeCharges charges;
  private final Checkouts checkouts;
  private final Ledger ledger;
  private final Idempotency idempotency;
  private final Ids ids;
  private final SecurityIdentity identity;

  CheckoutResource(
      StripeApi stripe,
      StripeCharges charges,
      Checkouts checkouts,
      Ledger ledger,
      Idempotency idempotency,
      Ids ids,
      SecurityIdentity identity) {
    this.stripe = stripe;
    this.charges = charges;
    this.checkouts = checkouts;
    this.ledger = ledger;
    this.idempotency = idempotency;
    this.ids = ids;
    this.identity = identity;
  }

  /**
   * A page of Stripe's at which the tenant pays.
   *
   * @param id of the charge, {@code pay_...}
   * @param url of the page
   */
  public record Checkout(String id, String url) {}

  /** The stored answer of a request: the id of the charge, which Stripe is asked with. */
  public record Reserved(String id) {}

  /** Begins a payment by card. */
  @POST
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.BILLING_NAME})
  @Operation(operationId = "createCheckout", summary = "A page to buy credit at, by card")
  @APIResponse(
      responseCode = "201",
      description = "The page; the same again for the same Idempotency-Key",
      content = @Content(schema = @Schema(implementation = Checkout.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid, or the key was used for another body")
  @APIResponse(responseCode = "503", description = "There are no card payments, or none now")
  @SecurityRequirement(name = "SecurityScheme")
  public Response checkout(@HeaderParam("Idempotency-Key") String key, CheckoutRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: amount, save_card, success_url, cancel_url.").raise();
    }
    requireStripe();
    Caller caller = Caller.of(identity);
    String tenant = caller.tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise());
    Idempotency.Answer reserved =
        ledger.transact(
            transaction ->
                idempotency.once(
                    transaction.tx(),
                    caller,
                    "POST /v1/payments/checkout",
                    key,
                    request,
                    () -> {
                      String id = ids.next(IdKind.PAYMENT);
                      charges.open(transaction.tx(), id, tenant, request.amount());
                      return new Idempotency.Answer(201, text(id));
                    }));
    String id = id(reserved.body());
    return switch (checkouts.open(id, tenant, request)) {
      case StripeApi.Answer.Done done ->
          Response.status(201).entity(new Checkout(id, done.object().path("url").asText())).build();
      case StripeApi.Answer.Refused refused ->
          throw Refusal.invalid("Stripe refused: " + refused.reason()).raise();
      case StripeApi.Answer.Unknown unknown ->
          throw Refusal.unavailable("Stripe does not answer; send the same request again.").raise();
    };
  }

  private void requireStripe() {
    if (!stripe.isOn()) {
      throw Refusal.unavailable("There are no card payments here.").raise();
    }
  }

  private static String text(String id) {
    return Json.write(new Reserved(id));
  }

  private static String id(String reserved) {
    return Json.read(reserved, Reserved.class).id();
  }
}
