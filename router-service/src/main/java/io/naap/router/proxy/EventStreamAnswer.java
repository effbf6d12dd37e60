package io.naap.router.proxy;

import io.naap.contracts.metering.Units;
import io.naap.router.http.BodyRelay;
import io.naap.router.openai.EventMeter;
import io.naap.router.proxy.ExchangeState.Interruption;
import io.naap.router.workload.TokenCount;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;

/** A language model's events: passed on as they come, and their tokens counted. */
final class EventStreamAnswer implements GatewayAnswer {
  private final Exchange exchange;
  private final HttpServerResponse to;
  private final EventMeter meter;

  EventStreamAnswer(Exchange exchange) {
    this.exchange = exchange;
    this.to = exchange.response();
    AdmittedJob job = exchange.job();
    this.meter =
        new EventMeter(
            exchange.services().answers.json,
            job.request().openAi(),
            job.request().showUsage(),
            job.job().estimate().most());
  }

  @Override
  public void read(HttpClientResponse from) {
    exchange.copyHead(from);
    to.putHeader("Cache-Control", "no-cache");
    to.putHeader("X-Accel-Buffering", "no");
    to.setChunked(true);
    from.handler(bytes -> pass(bytes, from));
    from.endHandler(ended -> gatewayEnded());
  }

  private void pass(Buffer bytes, HttpClientResponse from) {
    if (exchange.isOver()) {
      return;
    }
    Buffer out;
    try {
      out = meter.pass(bytes);
    } catch (IllegalStateException endless) {
      exchange.interrupt(Interruption.GATEWAY_BROKE);
      return;
    }
    ProxyConfig config = exchange.services().config;
    Duration next = meter.isFinished() ? config.finishedGrace() : config.idleTimeout();
    if (out.length() > 0 && !exchange.hasClientLeft() && BodyRelay.pass(out, from, to)) {
      // The next byte waits for the client to read.
      next = config.idleTimeout();
    }
    if (meter.hasFailed()) {
      // What the customer sent may have caused the error, so the gateway is not ejected for it.
      exchange.services().gateways.outliers.broke(exchange.route(), "stream_error");
      exchange.breakOff(Interruption.GATEWAY_BROKE);
      return;
    }
    exchange.await(next);
  }

  private void gatewayEnded() {
    if (exchange.isOver()) {
      return;
    }
    if (meter.isFinished()) {
      endWell();
    } else {
      exchange.interrupt(Interruption.GATEWAY_BROKE);
    }
  }

  @Override
  public void endWell() {
    exchange
        .finish(JobEnd.succeeded(200, exchange.bill().billable(meter.units())))
        .onComplete(recorded -> exchange.end(meter.end()));
  }

  @Override
  public boolean isOne() {
    return false;
  }

  @Override
  public boolean hasSaidAll() {
    return meter.isFinished();
  }

  @Override
  public Units used(boolean byClient) {
    return exchange.bill().billable(meter.units());
  }

  @Override
  public Optional<TokenCount> tokens() {
    return Optional.of(meter.tokens());
  }
}
