package io.naap.deploy.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;

/** The platform's public API, as any HTTP client sees it. */
public final class Api {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final URI origin;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .cookieHandler(new CookieManager())
          .build();

  private static volatile Consumer<Answer> observer = answer -> {};

  /** For tests: sees every answer that any client here gets. */
  public static void observe(Consumer<Answer> everyAnswer) {
    observer = everyAnswer;
  }

  public Api(URI origin) {
    this.origin = origin;
  }

  /** An answer: status, headers and body. */
  public static final class Answer {
    private final int status;
    private final java.net.http.HttpHeaders headers;
    private final byte[] body;

    private Answer(HttpResponse<byte[]> response) {
      this.status = response.statusCode();
      this.headers = response.headers();
      this.body = response.body();
    }

    public int status() {
      return status;
    }

    public byte[] body() {
      return body.clone();
    }

    public JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException notJson) {
        throw new IllegalStateException("not JSON: " + text(), notJson);
      }
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    /** The answer, if it has this status. */
    public Answer expect(int wanted) {
      if (status != wanted) {
        throw new IllegalStateException(
            "expected " + wanted + " but got " + status + ": " + shortened());
      }
      return this;
    }

    private String shortened() {
      String text = text();
      return text.length() > 400 ? text.substring(0, 400) + "..." : text;
    }

    @Override
    public String toString() {
      return status + " " + shortened();
    }
  }

  /** Tokens of a session. */
  public record Session(String accessToken, String refreshToken, String tenantId) {
    @Override
    public String toString() {
      return "Session[" + tenantId + "]";
    }
  }

  public URI origin() {
    return origin;
  }

  public Answer get(String path, String bearer) {
    return send(request(path, bearer).GET());
  }

  public Answer post(String path, String bearer, String json) {
    return send(
        request(path, bearer)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  /** A request to be finished by the caller. */
  public HttpRequest.Builder request(String path, String bearer) {
    HttpRequest.Builder request = HttpRequest.newBuilder(origin.resolve(path)).timeout(LIMIT);
    if (bearer != null) {
      request.header("authorization", "Bearer " + bearer);
    }
    return request;
  }

  public Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      Answer answer = new Answer(response);
      observer.accept(answer);
      return answer;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  /** Signs in with a wallet as a browser would (EIP-4361). */
  public Session signIn(Wallet wallet) {
    JsonNode nonce = get("/auth/siwe/nonce", null).expect(200).json();
    String message = message(wallet, nonce.path("nonce").asText(), Instant.now());
    Answer verified =
        post(
                "/auth/siwe/verify",
                null,
                JSON.createObjectNode()
                    .put("message", message)
                    .put("signature", wallet.sign(message))
                    .toString())
            .expect(200);
    JsonNode tokens = verified.json();
    return new Session(
        tokens.path("access_token").asText(),
        tokens.path("refresh_token").asText(),
        tokens.path("tenant_id").asText());
  }

  /** The text a wallet signs to sign in here. */
  public String message(Wallet wallet, String nonce, Instant now) {
    return """
    %s wants you to sign in with your Ethereum account:
    %s

    Sign in to NaaP.

    URI: %s
    Version: 1
    Chain ID: 1
    Nonce: %s
    Issued At: %s
    Expiration Time: %s"""
        .formatted(
            origin.getAuthority(),
            wallet.address(),
            origin,
            nonce,
            now.truncatedTo(ChronoUnit.MILLIS),
            now.plusSeconds(300).truncatedTo(ChronoUnit.MILLIS));
  }

  /** Makes an API key and returns the answer that shows it. */
  public JsonNode createKey(Session session, String body) {
    return send(request("/v1/keys", session.accessToken())
            .header("content-type", "application/json")
            .header("idempotency-key", "key-" + System.nanoTime())
            .POST(HttpRequest.BodyPublishers.ofString(body)))
        .expect(201)
        .json();
  }

  /** Credits a tenant, as the operator. */
  public Answer credit(Session operator, String tenantId, String dollars, String idempotencyKey) {
    String body =
        """
        {"tenant_id":"%s","amount":{"amount":"%s","currency":"USD"},"reason":"demonstration"}"""
            .formatted(tenantId, dollars);
    return send(
        request("/v1/payments/credits", operator.accessToken())
            .header("content-type", "application/json")
            .header("idempotency-key", idempotencyKey)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /** Waits until a condition holds; empty when it does not within the limit. */
  static Optional<Duration> await(Duration limit, java.util.function.BooleanSupplier condition) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < limit.toNanos()) {
      if (condition.getAsBoolean()) {
        return Optional.of(Duration.ofNanos(System.nanoTime() - start));
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Waits until a condition holds, and says what was awaited when it does not. */
  static Duration await(
      Duration limit,
      java.util.function.BooleanSupplier condition,
      java.util.function.Supplier<String> otherwise) {
    return await(limit, condition).orElseThrow(() -> new IllegalStateException(otherwise.get()));
  }

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
