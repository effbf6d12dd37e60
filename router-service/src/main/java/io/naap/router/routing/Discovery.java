package io.naap.router.routing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Asks each gateway that has a {@code cli_url} what its orchestrators can do. Customers see the
 * answers (health and names in {@code /v1/models}), but jobs are never routed by them: the routing
 * table says where jobs may go, and an answer may be a minute old.
 */
@Singleton
public class Discovery {
  private static final Logger LOG = Logger.getLogger(Discovery.class);

  private final RoutingTables tables;
  private final DiscoveryConfig config;
  private final HttpClient client;
  private final ObjectMapper json;
  private final Vertx vertx;
  private final Map<String, Long> answeredNanos = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  Discovery(RoutingTables tables, DiscoveryConfig config, ObjectMapper json, Vertx vertx) {
    this.tables = tables;
    this.config = config;
    this.json = json;
    this.vertx = vertx;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) config.timeout().toMillis()));
  }

  void start(@Observes StartupEvent started) {
    // The first time shortly after the start, when the routing table has been read.
    vertx.setTimer(
        Math.min(1_000, config.every().toMillis()),
        first -> {
          askAll();
          vertx.setPeriodic(config.every().toMillis(), again -> askAll());
        });
  }

  void stop(@Observes ShutdownEvent ending) {
    stopped = true;
  }

  private void askAll() {
    if (stopped) {
      return;
    }
    for (Pool pool : tables.current().pools()) {
      for (Gateway gateway : pool.gateways()) {
        gateway.cli().ifPresent(cli -> ask(gateway, pool.ceilings(), cli));
      }
    }
  }

  private void ask(Gateway gateway, PriceCeilings ceilings, URI cli) {
    client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(cli.getHost())
                .setPort(Gateway.port(cli))
                .setSsl("https".equals(cli.getScheme()))
                .setURI("/getNetworkCapabilities"))
        .compose(
            request ->
                request
                    .send()
                    .compose(this::read)
                    .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
                    // Otherwise the connection waits for the answer for ever.
                    .onFailure(failure -> request.reset()))
        .map(answer -> NetworkCapabilities.offers(answer, ceilings))
        .onSuccess(
            offers -> {
              gateway.discovered().learn(offers);
              answeredNanos.put(gateway.name(), System.nanoTime());
            })
        .onFailure(failure -> failed(gateway, failure));
  }

  private void failed(Gateway gateway, Throwable failure) {
    LOG.debugf("gateway did not say what it can do, gateway=%s: %s", gateway.name(), failure);
    Long answered = answeredNanos.get(gateway.name());
    if (answered != null && System.nanoTime() - answered > config.forgottenAfter().toNanos()) {
      answeredNanos.remove(gateway.name());
      gateway.discovered().forget();
    }
  }

  private Future<JsonNode> read(HttpClientResponse from) {
    if (from.statusCode() != 200) {
      from.request().reset();
      return Future.failedFuture("status " + from.statusCode());
    }
    Promise<JsonNode> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    from.handler(
        bytes -> {
          body.appendBuffer(bytes);
          if (body.length() > config.answerMaxBytes()) {
            from.request().reset();
            whole.tryFail("an answer of more than " + config.answerMaxBytes() + " bytes");
          }
        });
    from.exceptionHandler(whole::tryFail);
    from.endHandler(
        ended -> {
          try {
            whole.tryComplete(json.readTree(body.getBytes()));
          } catch (IOException unreadable) {
            whole.tryFail(unreadable);
          }
        });
    return whole.future();
  }
}
