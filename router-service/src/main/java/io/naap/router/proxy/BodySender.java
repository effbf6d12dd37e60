package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import io.naap.router.http.BodyRelay;
import io.naap.router.workload.Body;
import io.naap.router.workload.BodyCheck;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;

/** Sends the body of one job to a gateway: a whole one, or one that the client still sends. */
final class BodySender {
  /** An upload may begin slowly. */
  private static final long GRACE_MILLIS = 30_000;

  private final Exchange exchange;
  private final GatewayRequest gateway;
  private final HttpClientRequest to;
  private final ProxyConfig config;

  BodySender(Exchange exchange, GatewayRequest gateway, HttpClientRequest to) {
    this.exchange = exchange;
    this.gateway = gateway;
    this.to = to;
    this.config = exchange.services().config;
  }

  void send(Body body) {
    switch (body) {
      case Body.Whole whole -> {
        gateway.sent(whole.bytes().length());
        end(whole.bytes());
      }
      case Body.Streamed streamed -> stream(streamed);
    }
  }

  private void stream(Body.Streamed body) {
    if (body.length() >= 0) {
      to.putHeader("Content-Length", Long.toString(body.length()));
    } else {
      to.setChunked(true);
    }
    gateway.sent(body.head().length());
    if (body.ended()) {
      end(body.head());
      return;
    }
    if (body.head().length() > 0) {
      to.write(body.head());
    }
    exchange.await(config.uploadIdleTimeout());
    HttpServerRequest from = exchange.request();
    long limit = body.limit() + body.head().length();
    from.handler(bytes -> pass(bytes, from, body, limit));
    from.endHandler(ended -> passEnd(body.check()));
    from.resume();
  }

  private void pass(Buffer bytes, HttpServerRequest from, Body.Streamed body, long limit) {
    if (exchange.isOver()) {
      return;
    }
    if (gateway.bodyBytes() + bytes.length() > limit) {
      exchange.fail(ExchangeRefusals.bodyTooLarge(body.limit()));
      return;
    }
    Buffer passed;
    try {
      passed = body.check().see(bytes);
    } catch (Refusal.RefusedException refused) {
      exchange.fail(refused.refusal());
      return;
    }
    gateway.sent(passed.length());
    if (isTrickling(exchange.upstreamMillis(), gateway.bodyBytes())) {
      exchange.fail(ExchangeRefusals.CLIENT_TIMEOUT);
      return;
    }
    exchange.await(config.uploadIdleTimeout());
    if (passed.length() > 0) {
      BodyRelay.pass(passed, from, to);
    }
  }

  private void passEnd(BodyCheck check) {
    if (exchange.isOver()) {
      return;
    }
    Buffer rest;
    try {
      rest = check.end();
    } catch (Refusal.RefusedException refused) {
      exchange.fail(refused.refusal());
      return;
    }
    gateway.sent(rest.length());
    end(rest);
  }

  private void end(Buffer last) {
    gateway.uploaded();
    to.end(last);
    exchange.await(config.firstByteTimeout());
  }

  /** True for an upload that goes on, but so slowly that it never comes to its end. */
  private boolean isTrickling(long millis, long bytes) {
    return millis > GRACE_MILLIS && bytes < millis / 1_000 * config.uploadLeastBytesPerSecond();
  }
}
