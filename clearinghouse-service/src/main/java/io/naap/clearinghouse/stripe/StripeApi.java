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
import io.naap.clearinghouse.neighbour.CallGuard;
import io.naap.clearinghouse.neighbour.NeighbourGuards;
import io.naap.contracts.secret.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Stripe's own client, for its transport and its webhook signatures. Answers are read as JSON
 * trees, so that a native executable needs none of the client's hundreds of model classes.
 */
@ApplicationScoped
public class StripeApi {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StripeConfig config;
  private final Clock clock;
  private final CallGuard guard;
  private volatile StripeClient client;

  StripeApi(StripeConfig config, NeighbourGuards guards, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.guard = guards.guard("stripe", config.timeout(), List.of());
    if (config.apiKey().isPresent() && config.webhookSecret().isEmpty()) {
      throw new IllegalStateException(
          "naap.clearinghouse.stripe.webhook-secret is needed with an api-key");
    }
  }

  /** The outcome of a call. */
  sealed interface Answer {
    record Done(JsonNode object) implements Answer {}

    /** Stripe refused; asking again does not help. */
    record Refused(String reason) implements Answer {}

    /** It is unknown whether Stripe did it; ask again with the same idempotency key. */
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
      return guard.call(Answer.class, () -> send(method, path, body, options));
    } catch (IOException away) {
      return new Answer.Unknown();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return new Answer.Unknown();
    }
  }

  /**
   * One attempt.
   *
   * @throws IOException when it is unknown whether Stripe did what it was asked
   */
  private Answer send(
      ApiResource.RequestMethod method, String path, String body, RawRequestOptions options)
      throws IOException {
    try {
      StripeResponse answer = client().rawRequest(method, path, body, options);
      if (answer.code() >= 200 && answer.code() < 300) {
        return new Answer.Done(tree(answer.body()));
      }
      throwUnlessRefused(answer.code());
      return new Answer.Refused(reason(answer.body(), answer.code()));
    } catch (ApiConnectionException away) {
      throw new IOException(away);
    } catch (StripeException refused) {
      throwUnlessRefused(refused.getStatusCode() == null ? 500 : refused.getStatusCode());
      return new Answer.Refused(String.valueOf(refused.getCode()));
    }
  }

  private static void throwUnlessRefused(int status) throws IOException {
    if (status >= 500 || status == 429 || status == 409) {
      throw new IOException("Stripe answered " + status);
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
              // Its blocking reads cannot be interrupted: only these end one that takes too long.
              .setConnectTimeout((int) config.timeout().toMillis())
              .setReadTimeout((int) config.timeout().toMillis())
              // The guard repeats calls.
              .setMaxNetworkRetries(0);
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
