package io.naap.deploy.local;

import io.naap.contracts.edge.ConnectionDeadlines;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyResponse;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The one address people use: sends each public path to its service, as the ingress will. */
final class Origin implements AutoCloseable {
  /** Above what the services accept, so that the refusal is theirs. */
  private static final int MAX_HEADERS = 64 * 1024;

  private static final int CONNECTIONS_PER_SERVICE = 4_096;

  /** Half-open and stalled connections end after so long; so do unused ones. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Vertx vertx;

  private Origin(Vertx vertx) {
    this.vertx = vertx;
  }

  static Origin start(PathTable table, String host, Ports ports) throws InterruptedException {
    Vertx vertx = Vertx.vertx();
    Map<Service, HttpProxy> proxies = new EnumMap<>(Service.class);
    for (Service service : Service.values()) {
      proxies.put(service, proxy(vertx, ports.http(service)));
    }
    Future<HttpServer> server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(host)
                    .setPort(ports.origin())
                    .setMaxHeaderSize(MAX_HEADERS)
                    .setMaxInitialLineLength(MAX_HEADERS)
                    // Above the deadline of the longest job.
                    .setIdleTimeout(1_000))
            .requestHandler(
                request -> {
                  ConnectionDeadlines.watch(request);
                  route(table, proxies, request);
                })
            .listen();
    try {
      server.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      vertx.close();
      throw new IllegalStateException("the origin cannot listen on port " + ports.origin(), e);
    }
    ConnectionDeadlines.set(new ConnectionDeadlines.Limits(PATIENCE, PATIENCE, PATIENCE));
    ConnectionDeadlines.knock(vertx, ports.origin());
    return new Origin(vertx);
  }

  private static HttpProxy proxy(Vertx vertx, int port) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setMaxPoolSize(CONNECTIONS_PER_SERVICE)
            .setMaxHeaderSize(MAX_HEADERS)
            .setConnectTimeout(2_000)
            // Below the services' own idle timeout, so that we never reuse what they just closed.
            .setKeepAliveTimeout(15);
    return HttpProxy.reverseProxy(vertx.createHttpClient(options))
        .origin(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
        .addInterceptor(
            new ProxyInterceptor() {
              @Override
              public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
                HttpServerRequest request = context.request().proxiedRequest();
                context
                    .request()
                    .headers()
                    .set("x-forwarded-for", request.remoteAddress().hostAddress())
                    .set("x-forwarded-proto", "http");
                return context.sendRequest();
              }
            });
  }

  private static void route(
      PathTable table, Map<Service, HttpProxy> proxies, HttpServerRequest request) {
    Optional<Service> service =
        request.path() == null ? Optional.empty() : table.serviceOf(request.path());
    if (service.isPresent()) {
      proxies.get(service.get()).handle(request);
      return;
    }
    request
        .response()
        .setStatusCode(404)
        .putHeader("content-type", "application/problem+json")
        .end(
            "{\"type\":\"urn:naap:problem:not_found\",\"title\":\"Not Found\",\"status\":404,"
                + "\"detail\":\"There is nothing at this path.\",\"code\":\"not_found\"}");
  }

  @Override
  public void close() {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException
        | java.util.concurrent.TimeoutException ignored) {
      // The process ends anyway.
    }
  }
}
