package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that speak HTTP/2: by prior knowledge, and by ALPN over TLS. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class Http2Test {
  @Inject RedisDataSource redis;

  @TestHTTPResource("/")
  URI plain;

  @TestHTTPResource(value = "/", tls = true)
  URI tls;

  private final Vertx vertx = Vertx.vertx();
  private String key;

  @BeforeEach
  void aKeyWithMoney() {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
    key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
  }

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private HttpClient client(boolean overTls) {
    return vertx.createHttpClient(
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setHttp2MaxPoolSize(1)
            .setSsl(overTls)
            .setUseAlpn(overTls)
            .setTrustAll(true)
            .setVerifyHost(false));
  }

  private record Answer(HttpVersion version, int status, String body) {}

  private Future<Answer> post(HttpClient client, URI base, String path, String type, Buffer body) {
    return client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(base.getHost())
                .setPort(base.getPort())
                .setURI(path)
                .putHeader("Authorization", "Bearer " + key)
                .putHeader("Content-Type", type))
        .compose(request -> request.send(body))
        .compose(
            answer ->
                answer
                    .body()
                    .map(
                        bytes ->
                            new Answer(answer.version(), answer.statusCode(), bytes.toString())));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamsEventsOverHttp2(boolean overTls) throws Exception {
    Answer answer =
        await(
            post(
                client(overTls),
                overTls ? tls : plain,
                "/v1/chat/completions",
                "application/json",
                Buffer.buffer(
                    "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")));

    assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).endsWith("data: [DONE]\n\n");
    assertThat(Recorded.only(redis, key).units().get(Unit.TOKENS_OUT)).isEqualTo(3);
  }

  @Test
  void aRefusedUploadLeavesTheOtherStreamsOfItsConnectionAlone() throws Exception {
    HttpClient client = client(false);
    Future<Answer> good =
        post(
            client,
            plain,
            "/text-to-image",
            "application/json",
            Buffer.buffer("{\"prompt\":\"a\"}"));
    Future<Answer> large =
        post(client, plain, "/text-to-image", "application/json", Buffer.buffer(new byte[5 << 20]));
    Future<Answer> unknown =
        post(client, plain, "/nothing/there", "application/json", Buffer.buffer(new byte[1 << 20]));
    Future<Answer> after =
        large
            .transform(refused -> unknown.transform(none -> Future.succeededFuture()))
            .compose(
                then ->
                    post(
                        client,
                        plain,
                        "/text-to-image",
                        "application/json",
                        Buffer.buffer("{\"prompt\":\"b\"}")));

    assertThat(await(good).status()).isEqualTo(200);
    assertThat(await(large).status()).isEqualTo(413);
    assertThat(await(unknown).status()).isEqualTo(404);
    assertThat(await(after).status()).isEqualTo(200);
  }

  @Test
  void aStreamThatBreaksBreaksAlone() throws Exception {
    HttpClient client = client(false);
    FakeServices.mode = "break";
    Future<Answer> broken =
        post(
            client,
            plain,
            "/v1/chat/completions",
            "application/json",
            Buffer.buffer(
                "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
    Future<Answer> models =
        client
            .request(
                new RequestOptions()
                    .setHost(plain.getHost())
                    .setPort(plain.getPort())
                    .setURI("/v1/models")
                    .putHeader("Authorization", "Bearer " + key))
            .compose(request -> request.send())
            .compose(
                answer ->
                    answer.body().map(b -> new Answer(answer.version(), answer.statusCode(), "")));

    assertThat(await(broken).body()).contains("stream_broken");
    assertThat(await(models).status()).isEqualTo(200);
  }
}
