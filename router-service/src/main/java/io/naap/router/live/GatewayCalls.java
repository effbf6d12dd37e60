package io.naap.router.live;

import io.naap.contracts.problem.Refusal;
import io.naap.router.proxy.Gateways;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.RoutingTables;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;

/** Small questions to a gateway about its streams; never media. */
@Singleton
class GatewayCalls {
  private static final long PATIENCE_MILLIS = 30_000;
  private static final long PROBE_MILLIS = 3_000;
  private static final int MAX_BODY = 1 << 20;

  private final RoutingTables tables;
  private final Gateways gateways;

  GatewayCalls(RoutingTables tables, Gateways gateways) {
    this.tables = tables;
    this.gateways = gateways;
  }

  /** What a gateway said. */
  record Answer(int status, MultiMap headers, Buffer body) {}

  /**
   * Asks, and reads all of the answer. Fails with a {@link java.net.ConnectException} when nothing
   * was sent.
   *
   * @param body absent for a request without one
   */
  Future<Answer> ask(
      String gateway,
      HttpMethod method,
      String uri,
      Map<String, String> headers,
      Optional<Buffer> body) {
    return open(gateway, method, uri, PATIENCE_MILLIS)
        .compose(
            request -> {
              request.headers().setAll(headers);
              return body.isPresent() ? request.send(body.get()) : request.send();
            })
        .compose(
            from -> whole(from).map(read -> new Answer(from.statusCode(), from.headers(), read)));
  }

  /** The same for those who can do nothing about a gateway that does not answer. */
  Future<Answer> askOnce(
      String gateway,
      HttpMethod method,
      String uri,
      Map<String, String> headers,
      Optional<Buffer> body) {
    return ask(gateway, method, uri, headers, body)
        .recover(
            lost ->
                Future.failedFuture(
                    lost instanceof Refusal.RefusedException ? lost : unreachable().raise()));
  }

  static Refusal unreachable() {
    return new Refusal(
        503,
        "gateway_unreachable",
        "The stream's gateway cannot be reached; try again.",
        null,
        Optional.of(1L));
  }

  private static Future<Buffer> whole(HttpClientResponse from) {
    Promise<Buffer> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    from.handler(
        bytes -> {
          body.appendBuffer(bytes);
          if (body.length() > MAX_BODY) {
            whole.tryFail(
                Refusal.of(502, "gateway_failed", "The gateway's answer does not end; try again.")
                    .raise());
            from.request().reset();
          }
        });
    from.exceptionHandler(whole::tryFail);
    from.endHandler(ended -> whole.tryComplete(body));
    return whole.future();
  }

  /** The status of an answer whose body, however long, is not wanted. */
  Future<Integer> status(String gateway, String uri) {
    return open(gateway, HttpMethod.GET, uri, PROBE_MILLIS)
        .compose(
            request ->
                request
                    .send()
                    .map(
                        from -> {
                          from.exceptionHandler(expected -> {});
                          request.reset();
                          return from.statusCode();
                        }));
  }

  /** A connected request whose headers and body are the caller's to send. */
  Future<HttpClientRequest> open(String name, HttpMethod method, String uri, long millis) {
    Optional<Gateway> gateway = tables.current().gateway(name);
    if (gateway.isEmpty()) {
      return Future.failedFuture(Refusal.unavailable("The stream's gateway is gone.").raise());
    }
    RequestOptions options =
        new RequestOptions()
            .setHost(gateway.get().url().getHost())
            .setPort(gateway.get().port())
            .setSsl(gateway.get().isTls())
            .setMethod(method)
            .setURI(uri);
    if (millis > 0) {
      options.setTimeout(millis);
    }
    return gateways.client().request(options);
  }
}
