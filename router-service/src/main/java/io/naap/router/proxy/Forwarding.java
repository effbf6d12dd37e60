package io.naap.router.proxy;

import io.naap.contracts.edge.Edge;
import io.naap.router.proxy.ExchangeState.Answering;
import io.naap.router.proxy.ExchangeState.Forwarded;
import io.naap.router.proxy.ExchangeState.Interruption;
import io.naap.router.routing.Route;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * Sends one exchange's job to a gateway. A job goes to a second gateway only when nothing of it was
 * sent to the first.
 */
final class Forwarding {
  private final Exchange exchange;
  private final AdmittedJob job;
  private final HttpClient client;
  private Instant forwarded;

  /** Which of the job's parts the gateway has now. */
  private int part;

  Forwarding(Exchange exchange, HttpClient client) {
    this.exchange = exchange;
    this.job = exchange.job();
    this.client = client;
    this.forwarded = job.opened();
  }

  /** When the gateway got the job; when the job was opened, as long as it has not. */
  Instant forwarded() {
    return forwarded;
  }

  void connect(List<Route> routes, int at) {
    exchange.route(routes.get(at));
    open(
        jobRequest(),
        this::forward,
        failure -> {
          if (failure instanceof ConnectionPoolTooBusyException) {
            // All connections that this router may have to the gateway are taken.
            exchange.fail(ExchangeRefusals.TOO_BUSY);
            return;
          }
          GatewaySide gateways = exchange.services().gateways;
          gateways.outliers.unreachable(exchange.route());
          if (at + 1 < routes.size() && at < 2 && gateways.mayRetry()) {
            connect(routes, at + 1);
          } else {
            exchange.fail(ExchangeRefusals.UNREACHABLE);
          }
        });
  }

  private RequestOptions jobRequest() {
    return Gateways.to(exchange.route().gateway())
        .setMethod(HttpMethod.valueOf(exchange.request().method().name()))
        .setURI(job.job().outgoing().uri());
  }

  /** Opens a request, for an exchange that is not over by then. */
  private void open(
      RequestOptions options, Consumer<HttpClientRequest> opened, Consumer<Throwable> failed) {
    client
        .request(options)
        .onComplete(
            connected -> {
              if (exchange.isOver()) {
                if (connected.succeeded()) {
                  connected.result().reset();
                }
              } else if (connected.succeeded()) {
                opened.accept(connected.result());
              } else {
                failed.accept(connected.cause());
              }
            });
  }

  private void forward(HttpClientRequest to) {
    if (exchange.state().request() == null) {
      forwarded = exchange.services().clock.instant();
      exchange.route().gateway().inFlight().incrementAndGet();
    }
    GatewayRequest sent = new GatewayRequest(to, System.nanoTime());
    exchange.enter(new Forwarded(sent));
    to.headers().setAll(job.job().outgoing().headers());
    to.putHeader(AnswerHead.REQUEST_ID, Edge.requestId(exchange.context()));
    String trace = exchange.request().getHeader("traceparent");
    if (trace != null) {
      to.putHeader("traceparent", trace);
    }
    to.exceptionHandler(broken -> exchange.interrupt(Interruption.GATEWAY_BROKE));
    to.response()
        .onComplete(
            answered -> {
              if (answered.failed()) {
                exchange.interrupt(Interruption.GATEWAY_BROKE);
              } else if (!exchange.isOver()) {
                exchange.await(exchange.services().config.idleTimeout());
                read(sent, answered.result(), answer(answered.result()));
              }
            });
    new BodySender(exchange, sent, to).send(job.parts().get(part));
  }

  private GatewayAnswer answer(HttpClientResponse from) {
    if (from.statusCode() >= 300 || from.statusCode() < 200) {
      return new RefusedAnswer(exchange);
    }
    return switch (job.job().answer()) {
      case JSON, SPEECH -> new JsonAnswer(exchange);
      case LANGUAGE, EVENTS ->
          AnswerHead.isEvents(from.getHeader(AnswerHead.CONTENT_TYPE))
              ? new EventStreamAnswer(exchange)
              : new JsonAnswer(exchange);
      case THROUGH -> new PassThroughAnswer(exchange, false);
      case THROUGH_OR_EMPTY -> new PassThroughAnswer(exchange, true);
    };
  }

  private void read(GatewayRequest to, HttpClientResponse from, GatewayAnswer answer) {
    from.exceptionHandler(broken -> exchange.interrupt(Interruption.GATEWAY_BROKE));
    to.answering(from);
    exchange.enter(new Answering(to, answer));
    answer.read(from);
  }

  /** Sends the job's next part to the same gateway; false when there is none. */
  boolean sendNextPart() {
    if (part + 1 == job.parts().size()) {
      return false;
    }
    part++;
    exchange.enter(new Forwarded(exchange.state().request()));
    open(jobRequest(), this::forward, failure -> exchange.failForCapacity());
    return true;
  }

  /** Passes a file on that the gateway's answer names. */
  void fetch(String uri) {
    GatewayRequest first = exchange.state().request();
    exchange.enter(new Forwarded(first));
    exchange.await(exchange.services().config.firstByteTimeout());
    open(
        Gateways.to(exchange.route().gateway()).setMethod(HttpMethod.GET).setURI(uri),
        file -> {
          GatewayRequest to = first.followedBy(file);
          exchange.enter(new Forwarded(to));
          file.exceptionHandler(broken -> exchange.interrupt(Interruption.GATEWAY_BROKE));
          file.send()
              .onSuccess(from -> readFile(to, from))
              .onFailure(broken -> exchange.interrupt(Interruption.GATEWAY_BROKE));
        },
        failure -> exchange.interrupt(Interruption.GATEWAY_BROKE));
  }

  private void readFile(GatewayRequest to, HttpClientResponse from) {
    if (exchange.isOver()) {
      return;
    }
    if (from.statusCode() == 200) {
      read(to, from, new PassThroughAnswer(exchange, false));
    } else {
      exchange.unusable();
    }
  }
}
