package io.naap.clearinghouse.stripe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.stripe.StripeClient;
import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.SignatureVerificationException;
import com.stripe.exception.StripeException;
import com.stripe.net.ApiResource;
import com.stripe.net.RawRequestOptions;
import com.stripe.net.StripeResponse;
import com.stripe.net.Webhook;
import io.naap.contracts.secret.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Stripe's own client, for its transport, retries and signatures; answers are read as trees, so
 * that a native executable needs none of its hundreds of models.
 */
@ApplicationScoped
public class StripeApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RETRIES = 2;

  private final StripeConfig config;
  private final Clock clock;
  private volatile StripeClient client;

  StripeApi(StripeConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    if (config.apiKey().isPresent() && config.webhookSecret().isEmpty()) {
      throw new IllegalStateException(
          "naap.clearinghouse.stripe.webhook-secret is needed with an api-key");
    }
  }

  /** What came of asking. */
  sealed interface Answer {
    record Done(JsonNode object) implements Answer {}

    /** Stripe said no, and asking again is of no use. */
    record Refused(String reason) implements Answer {}

    /** Nobody knows; ask again with the same key. */
    record Unknown() implements Answer {}
  }

  boolean isOn() {
    return config.apiKey().isPresent();
  }

  Answer post(String path, Map<String, String> form, String idempotencyKey) {
    String body =
        form.entrySet().stream()
            .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
            .collect(Collectors.joining("&"));
    return ask(
        ApiResource.RequestMethod.POST,
        path,
        body,
        RawRequestOptions.builder().setIdempotencyKey(idempotencyKey).build());
  }

  /** Looks something up. */
  Answer get(String path) {
    return ask(ApiResource.RequestMethod.GET, path, null, RawRequestOptions.builder().build());
  }

  private Answer ask(
      ApiResource.RequestMethod method, String path, String body, RawRequestOptions options) {
    try {
      StripeResponse answer = client().rawRequest(method, path, body, options);
      if (answer.code() >= 200 && answer.code() < 300) {
        return new Answer.Done(tree(answer.body()));
      }
      return answer.code() >= 500 || answer.code() == 429 || answer.code() == 409
          ? new Answer.Unknown()
          : new Answer.Refused(reason(answer.body(), answer.code()));
    } catch (ApiConnectionException away) {
      return new Answer.Unknown();
    } catch (StripeException refused) {
      Integer status = refused.getStatusCode();
      return status == null || status >= 500 || status == 429 || status == 409
          ? new Answer.Unknown()
          : new Answer.Refused(String.valueOf(refused.getCode()));
    } catch (JsonProcessingException notJson) {
      return new Answer.Unknown();
    }
  }

  /** True when Stripe signed the body, not long ago. */
  boolean isSigned(String body, String header) {
    if (header == null || config.webhookSecret().isEmpty()) {
      return false;
    }
    try {
      return Webhook.Signature.verifyHeader(
          body,
          header,
          config.webhookSecret().get().reveal(),
          config.tolerance().toSeconds(),
          clock);
    } catch (SignatureVerificationException notStripe) {
      return false;
    }
  }

  private StripeClient client() {
    StripeClient known = client;
    if (known == null) {
      StripeClient.StripeClientBuilder builder =
          StripeClient.builder()
              .setApiKey(config.apiKey().map(Secret::reveal).orElseThrow())
              .setConnectTimeout((int) config.timeout().toMillis())
              .setReadTimeout((int) config.timeout().toMillis())
              .setMaxNetworkRetries(RETRIES);
      config.apiUrl().ifPresent(url -> builder.setApiBase(url.toString()));
      known = builder.build();
      client = known;
    }
    return known;
  }

  private static JsonNode tree(String json) throws JsonProcessingException {
    return JSON.readTree(json);
  }

  private static String reason(String body, int status) throws JsonProcessingException {
    return tree(body).path("error").path("code").asText("status " + status);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
