package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A router that is told to stop finishes what it serves. */
@Timeout(120)
class DrainTest {
  private static final Platform PLATFORM = Started.platform();
  private static final Api API = new Api(PLATFORM.origin());
  private static final Api CONTROL = new Api(PLATFORM.simulatorControl().orElseThrow());

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Api.Session tenant;
  private String key;

  @BeforeEach
  void aTenantWithMoneyAndAKey() {
    tenant = API.signIn(Wallets.random());
    Api.Session operator = API.signIn(PLATFORM.operator());
    API.credit(operator, tenant.tenantId(), "5.00", "drain-" + tenant.tenantId()).expect(201);
    key = API.createKey(tenant, "{\"name\":\"drain\"}").path("key").asText();
  }

  @AfterEach
  void aRouterAndAGoodGateway() throws InterruptedException {
    CONTROL.post("/fault", null, "{\"fault\":\"none\"}").expect(200);
    PLATFORM.restart("router");
  }

  @Test
  void finishesTheStreamsItServes() throws Exception {
    CompletableFuture<HttpResponse<String>> stream = slowStream(200);

    long began = System.nanoTime();
    PLATFORM.stop("router");
    long seconds = (System.nanoTime() - began) / 1_000_000_000L;

    HttpResponse<String> answer = stream.get();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).endsWith("data: [DONE]\n\n").doesNotContain("error");
    assertThat(seconds).isLessThan(9);
    PLATFORM.restart("router");
    assertThat(event(answer).path("outcome").asText()).isEqualTo("succeeded");
    PLATFORM.stop("router");
  }

  @Test
  void cutsWhatLastsLongerAndTellsItsClientAndBillsTheDelivered() throws Exception {
    CompletableFuture<HttpResponse<String>> stream = slowStream(1_000);

    PLATFORM.stop("router");

    HttpResponse<String> answer = stream.get();
    assertThat(answer.body()).contains("router_stopping").doesNotContain("[DONE]");
    PLATFORM.restart("router");
    JsonNode event = event(answer);
    assertThat(event.path("outcome").asText()).isEqualTo("partial");
    assertThat(event.at("/units/tokens_out").asLong()).isBetween(5L, 12L);
    PLATFORM.stop("router");
  }

  /** A stream of 24 tokens with pauses between them, that has begun. */
  private CompletableFuture<HttpResponse<String>> slowStream(long pauseMillis)
      throws IOException, InterruptedException {
    CONTROL.post("/fault", null, "{\"fault\":\"slow=" + pauseMillis + "\"}").expect(200);
    String body =
        """
        {"model":"meta-llama/llama-3.1-8B-Instruct","stream":true,"max_tokens":24,
         "messages":[{"role":"user","content":"count"}]}""";
    HttpRequest request =
        HttpRequest.newBuilder(PLATFORM.direct("router").resolve("/v1/chat/completions"))
            .timeout(Duration.ofSeconds(60))
            .header("authorization", "Bearer " + key)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    Thread.sleep(1_200);
    assertThat(answer).isNotDone();
    return answer;
  }

  private JsonNode event(HttpResponse<String> answer) throws InterruptedException {
    String requestId = answer.headers().firstValue("x-request-id").orElseThrow();
    for (int i = 0; i < 200; i++) {
      JsonNode events =
          API.get("/v1/usage/events?request_id=" + requestId, tenant.accessToken())
              .expect(200)
              .json()
              .path("data");
      if (!events.isEmpty()) {
        assertThat(events).hasSize(1);
        return events.get(0);
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no usage event for " + requestId);
  }
}
