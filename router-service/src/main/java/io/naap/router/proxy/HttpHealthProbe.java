package io.naap.router.proxy;

import io.naap.router.routing.Gateway;
import io.naap.router.routing.HealthProbe;
import io.naap.router.routing.OutlierConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/**
 * Asks {@code GET /healthz} over connections of its own, because jobs may have taken all others.
 */
@Singleton
public class HttpHealthProbe implements HealthProbe {
  private static final int MOST_AT_ONCE = 4;

  private final HttpClient client;
  private final long timeoutMillis;

  HttpHealthProbe(Vertx vertx, OutlierConfig config) {
    this.timeoutMillis = config.healthTimeout().toMillis();
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) timeoutMillis)
                .setMaxPoolSize(MOST_AT_ONCE)
                .setKeepAlive(false));
  }

  @Override
  public Future<Boolean> isUp(Gateway gateway) {
    return client
        .request(
            Gateways.to(gateway)
                .setMethod(HttpMethod.GET)
                .setTimeout(timeoutMillis)
                .setURI("/healthz"))
        .compose(
            request ->
                request
                    .send()
                    .map(
                        answer -> {
                          // The body is not read.
                          answer.exceptionHandler(expected -> {});
                          request.reset();
                          return answer.statusCode() == 200;
                        }))
        .timeout(2 * timeoutMillis, TimeUnit.MILLISECONDS)
        .otherwise(false);
  }
}
