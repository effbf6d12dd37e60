package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.idempotency.Idempotency;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
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

/** Money in. */
@Path("/v1/payments")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class PaymentResource {
  private final Ledger ledger;
  private final Idempotency idempotency;
  private final Credits credits;
  private final SecurityIdentity identity;

  PaymentResource(
      Ledger ledger, Idempotency idempotency, Credits credits, SecurityIdentity identity) {
    this.ledger = ledger;
    this.idempotency = idempotency;
    this.credits = credits;
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
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid, or the key was used for another body")
  @SecurityRequirement(name = "SecurityScheme")
  public Response give(@HeaderParam("Idempotency-Key") String key, CreditRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: tenant_id, amount and reason.").raise();
    }
    Caller caller = Caller.of(identity);
    Idempotency.Answer answer =
        ledger.transact(
            books ->
                idempotency.once(
                    books.tx(),
                    caller,
                    "POST /v1/payments/credits",
                    key,
                    request,
                    () ->
                        new Idempotency.Answer(
                            201, text(credits.give(books, request, caller.subject())))));
    return Response.status(answer.status()).entity(answer.body()).build();
  }

  private static String text(Payment payment) {
    return Json.write(payment);
  }
}
