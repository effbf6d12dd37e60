package io.naap.auth.siwe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

/** An HTTP client that signs in and holds one cookie at a time. */
final class Browser {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final URI origin;

  Browser(int port) {
    this.origin = URI.create("http://localhost:" + port);
  }

  /** A nonce and the cookie that binds it to the client. */
  record Nonce(String text, String cookie) {}

  /** A response of the service. */
  record Answer(int status, JsonNode body, String retryAfter) {
    String code() {
      return body.path("code").asText();
    }

    String userId() {
      return body.path("user_id").asText();
    }

    /** The claims of the access token. */
    JsonNode claims() {
      String[] parts = body.path("access_token").asText().split("\\.", -1);
      return json(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    }
  }

  Nonce nonce() {
    HttpResponse<String> answer =
        send(HttpRequest.newBuilder(origin.resolve("/auth/siwe/nonce")).GET());
    String cookie = answer.headers().firstValue("set-cookie").orElseThrow();
    return new Nonce(
        json(answer.body()).path("nonce").asText(),
        cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';')));
  }

  Answer verify(String message, String signature, String cookie) {
    String body = JSON.valueToTree(Map.of("message", message, "signature", signature)).toString();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(origin.resolve("/auth/siwe/verify"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (cookie != null) {
      request.header("Cookie", "naap_siwe=" + cookie);
    }
    HttpResponse<String> answer = send(request);
    return new Answer(
        answer.statusCode(),
        json(answer.body()),
        answer.headers().firstValue("retry-after").orElse(null));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(
          request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopping);
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
