package io.naap.contracts.identity;

import io.naap.contracts.json.Json;
import io.quarkus.arc.DefaultBean;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads the document from auth-service with a conditional request; most responses are an empty 304.
 */
@DefaultBean
@ApplicationScoped
public class HttpTrustSource implements TrustSource {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int MAX_BYTES = 8 * 1024 * 1024;

  private final HttpClient client;
  private final RequestOptions request;

  HttpTrustSource(Vertx vertx, TrustConfig config) {
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) PATIENCE.toMillis())
                .setMaxPoolSize(1)
                .setKeepAliveTimeout(30));
    this.request =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(config.url())
            .setTimeout(PATIENCE.toMillis());
  }

  @Override
  public Uni<Optional<TrustDocument>> read(String knownVersion) {
    RequestOptions conditional =
        new RequestOptions(request).putHeader("If-None-Match", '"' + knownVersion + '"');
    return Uni.createFrom()
        .completionStage(
            () ->
                client
                    .request(conditional)
                    .compose(asked -> asked.send())
                    .compose(
                        answer ->
                            answer.statusCode() == 304
                                ? answer.body().map(none -> Optional.<TrustDocument>empty())
                                : body(answer))
                    .toCompletionStage());
  }

  private static io.vertx.core.Future<Optional<TrustDocument>> body(HttpClientResponse answer) {
    Buffer collected = Buffer.buffer();
    answer.handler(
        part -> {
          collected.appendBuffer(part);
          if (collected.length() > MAX_BYTES) {
            answer.request().reset();
          }
        });
    return answer
        .end()
        .map(
            whole -> {
              if (answer.statusCode() != 200) {
                throw new IllegalStateException("auth-service answered " + answer.statusCode());
              }
              return Optional.of(Json.read(collected.toString(), TrustDocument.class));
            });
  }
}
