package io.naap.router.live;

import io.naap.contracts.problem.Refusal;
import io.naap.router.proxy.Gateways;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.RoutingTables;
import io.naap.router.workload.ByocHeader;
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

/** Asks gateways about their streams: small requests and answers, never media. */
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
  record Answer(int status, MultiMap headers, Buffer body) {
    boolean isGood() {
      return status / 100 == 2;
    }
  }

  /**
   * What a gateway is asked.
   *
   * @param body absent for a request without one
   */
  record Question(
      HttpMethod method, String uri, Map<String, String> headers, Optional<Buffer> body) {
    static Question get(String uri) {
      return new Question(HttpMethod.GET, uri, Map.of(), Optional.empty());
    }

    static Question delete(String uri) {
      return new Question(HttpMethod.DELETE, uri, Map.of(), Optional.empty());
    }

    static Question post(String uri, String contentType, Buffer body) {
      return new Question(
          HttpMethod.POST, uri, Map.of("Content-Type", contentType), Optional.of(body));
    }

    /** Posts JSON, with the header that tells a gateway of a BYOC job. */
    static Question post(String uri, ByocHeader header, Buffer json) {
      return new Question(
          HttpMethod.POST,
          uri,
          Map.of("Livepeer", header.value(), "Content-Type", "application/json"),
          Optional.of(json));
    }
  }

  /**
   * Asks, and reads all of the answer. Fails with a {@link java.net.ConnectException} when nothing
   * was sent.
   */
  Future<Answer> ask(String gateway, Question question) {
    return open(gateway, question.method(), question.uri(), PATIENCE_MILLIS)
        .compose(
            request -> {
              request.headers().setAll(question.headers());
              return question.body().isPresent()
                  ? request.send(question.body().get())
                  : request.send();
            })
        .compose(
            from -> whole(from).map(read -> new Answer(from.statusCode(), from.headers(), read)));
  }

  /** Asks the gateway of a stream; a gateway that does not answer is a 503. */
  Future<Answer> askOnce(LiveSession session, Question question) {
    return ask(session.gateway(), question)
        .recover(lost -> Future.failedFuture(orUnreachable(lost)));
  }

  /** A refusal as it is; any other failure as a 503. */
  static Throwable orUnreachable(Throwable failure) {
    return failure instanceof Refusal.RefusedException ? failure : unreachable().raise();
  }

  private static Refusal unreachable() {
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

  /** The status of an answer; its body is not read. */
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
    RequestOptions options = Gateways.to(gateway.get()).setMethod(method).setURI(uri);
    if (millis > 0) {
      options.setTimeout(millis);
    }
    return gateways.client().request(options);
  }
}
