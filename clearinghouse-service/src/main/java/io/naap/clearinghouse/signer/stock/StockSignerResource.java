package io.naap.clearinghouse.signer.stock;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.contracts.problem.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.logging.Logger;

/**
 * The webhook of a stock go-livepeer signer ({@code -remoteSignerWebhookUrl}), for operators who
 * keep theirs. A signer that sent the webhook's secret is always answered 200, with the verdict in
 * the body; {@code expiry} is 0, so that it asks before every payment.
 */
@Path("/hooks/livepeer-signer")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class StockSignerResource {
  private static final Logger LOG = Logger.getLogger(StockSignerResource.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BODY = 64 * 1024;

  private final StockSigner stock;
  private final SignerConfig config;

  StockSignerResource(StockSigner stock, SignerConfig config) {
    this.stock = stock;
    this.config = config;
  }

  /** Says whether a payment may be signed. */
  @POST
  @PermitAll
  @Operation(
      operationId = "authorizeStockSigner",
      summary = "Whether a stock go-livepeer signer may sign (by the webhook's secret)")
  @APIResponse(responseCode = "200", description = "The verdict, in status")
  @APIResponse(responseCode = "401", description = "Not the webhook's secret")
  public String authorize(@HeaderParam("Livepeer-Clearinghouse-Token") String secret, String body) {
    if (config.webhookSecret().isEmpty() || !config.webhookSecret().get().matches(secret)) {
      throw Refusal.of(
              401, "unauthorized", "Send the webhook's secret in Livepeer-Clearinghouse-Token.")
          .raise();
    }
    return answer(body).toString();
  }

  private ObjectNode answer(String body) {
    StockSigner.Verdict verdict;
    try {
      JsonNode question = body == null || body.length() > MAX_BODY ? null : tree(body);
      verdict =
          question == null || !question.isObject()
              ? new StockSigner.Verdict.Refused(400, "the body is not understood")
              : stock.decide(question);
    } catch (JsonProcessingException malformed) {
      verdict = new StockSigner.Verdict.Refused(400, "the body is not JSON");
    } catch (RuntimeException failed) {
      // go-livepeer's contract wants an answer to every question; a 503 lets nothing be signed.
      LOG.errorf(failed, "the question of a stock signer could not be answered");
      verdict = new StockSigner.Verdict.Refused(503, "Postgres does not answer");
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    return switch (verdict) {
      case StockSigner.Verdict.Allowed allowed ->
          json.put("status", 200).put("expiry", 0).put("auth_id", allowed.authId());
      case StockSigner.Verdict.Refused refused ->
          json.put("status", refused.status()).put("expiry", 0).put("reason", refused.reason());
    };
  }

  private static JsonNode tree(String json) throws JsonProcessingException {
    return JSON.readTree(json);
  }
}
