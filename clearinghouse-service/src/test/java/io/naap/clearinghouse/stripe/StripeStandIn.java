package io.naap.clearinghouse.stripe;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers Stripe's own client as Stripe would: one object a path and idempotency key. */
public class StripeStandIn implements QuarkusTestResourceLifecycleManager {
  static final String WEBHOOK_SECRET = "whsec_test_0123456789";
  static final List<String> ASKED = new CopyOnWriteArrayList<>();
  private static final Map<String, String> ANSWERS = new ConcurrentHashMap<>();

  private HttpServer server;

  @Override
  public Map<String, String> start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            String form =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().getPath();
            String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
            Optional<String> refused = refused(form);
            String answer =
                refused
                    .map(
                        code ->
                            "{\"error\":{\"code\":\"%s\",\"type\":\"card_error\",\"message\":\"no\"}}"
                                .formatted(code))
                    .orElseGet(
                        () ->
                            ANSWERS.computeIfAbsent(
                                path + " " + key, ignored -> object(path, key, form)));
            ASKED.add(path + " " + key + " " + form);
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(refused.isPresent() ? 402 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
          });
      server.start();
      return Map.of(
          "naap.clearinghouse.stripe.api-key",
          "sk_test_0123456789",
          "naap.clearinghouse.stripe.webhook-secret",
          WEBHOOK_SECRET,
          "naap.clearinghouse.stripe.api-url",
          "http://127.0.0.1:" + server.getAddress().getPort());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Cards and amounts that Stripe says no to, by what it says. */
  private static Optional<String> refused(String form) {
    if (form.contains("pm_declined")) {
      return Optional.of("card_declined");
    }
    if (form.contains("pm_authenticate")) {
      return Optional.of("authentication_required");
    }
    return form.contains("payment_intent=") && form.contains("amount=1300")
        ? Optional.of("charge_already_refunded")
        : Optional.empty();
  }

  private static String object(String path, String key, String form) {
    return switch (path) {
      case "/v1/checkout/sessions" ->
          "{\"id\":\"cs_" + key + "\",\"url\":\"https://checkout.example/" + key + "\"}";
      case "/v1/payment_intents" ->
          "{\"id\":\"pi_%s\",\"status\":\"%s\",\"currency\":\"usd\",\"amount_received\":%s,\"metadata\":{\"naap_charge\":\"%s\"}}"
              .formatted(
                  key,
                  form.contains("pm_action") ? "requires_action" : "succeeded",
                  form.replaceAll(".*?amount=([0-9]+).*", "$1"),
                  key);
      case String intent when intent.startsWith("/v1/payment_intents/pi_foreign") ->
          "{\"id\":\"" + intent.substring(20) + "\",\"metadata\":{\"shop\":\"another\"}}";
      case String intent when intent.startsWith("/v1/payment_intents/") ->
          "{\"id\":\"%s\",\"metadata\":{\"naap_charge\":\"%s\"}}"
              .formatted(intent.substring(20), intent.substring(23));
      default -> "{\"id\":\"re_" + key + "\",\"status\":\"succeeded\"}";
    };
  }

  @Override
  public void stop() {
    if (server != null) {
      server.stop(0);
    }
  }
}
