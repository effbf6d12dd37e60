package io.naap.clearinghouse.stripe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.problem.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** The webhook that Stripe sends its events to. */
@Path("/hooks/stripe")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class StripeResource {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_EVENT = 512 * 1024;

  private final StripeEvents events;

  StripeResource(StripeEvents events) {
    this.events = events;
  }

  /** Takes an event of Stripe's. */
  @POST
  @PermitAll
  @Operation(operationId = "stripeEvent", summary = "Events of Stripe's, by its signature")
  @APIResponse(responseCode = "200", description = "Taken, now or before, or of another product")
  @APIResponse(responseCode = "400", description = "Not signed by Stripe, or long ago")
  @APIResponse(responseCode = "503", description = "Of a payment that is not known yet; send again")
  public Response event(@HeaderParam("Stripe-Signature") String signature, String body) {
    JsonNode event;
    try {
      event = body == null || body.length() > MAX_EVENT ? null : tree(body);
    } catch (JsonProcessingException malformed) {
      event = null;
    }
    if (event == null || event.path("id").asText("").isEmpty()) {
      throw Refusal.of(400, "not_an_event", "Stripe's events are signed JSON.").raise();
    }
    return switch (events.take(body, event, signature)) {
      case NEW, BEFORE, FOREIGN -> Response.ok("{}").build();
      case EARLY -> throw Refusal.unavailable("The payment is not known yet.").raise();
      case NOT_SIGNED ->
          throw Refusal.of(400, "not_signed", "The signature is not Stripe's, or is old.").raise();
    };
  }

  private static JsonNode tree(String json) throws JsonProcessingException {
    return JSON.readTree(json);
  }
}
