package io.naap.router.proxy;

import io.naap.contracts.metering.Units;
import io.naap.router.http.BodyRelay;
import io.naap.router.workload.Job;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;

/** An answer that is passed on as it comes. */
final class PassThroughAnswer implements GatewayAnswer {
  /** The first bytes of a recording that are enough to read its format. */
  private static final int BEGINNING = 4_096;

  private final Exchange exchange;
  private final HttpServerResponse to;
  private final boolean mayBeEmpty;
  private final boolean isContainer;
  private final boolean isSpeech;
  private Buffer begin;
  private long passed;
  private boolean begun;
  private boolean isEvents;

  /** Watches a container's events for their end; null for any other answer. */
  private DoneWatch done;

  PassThroughAnswer(Exchange exchange, boolean mayBeEmpty) {
    this.exchange = exchange;
    this.to = exchange.response();
    this.mayBeEmpty = mayBeEmpty;
    this.isContainer = exchange.job().request().workload().isContainer();
    this.isSpeech = exchange.job().job().answer() == Job.Answer.SPEECH;
  }

  @Override
  public void read(HttpClientResponse from) {
    isEvents = AnswerHead.isEvents(from.getHeader(AnswerHead.CONTENT_TYPE));
    if (isEvents && exchange.hasClientLeft()) {
      // Nobody reads this stream, so its container need not go on.
      exchange.finish(JobEnd.abandoned(measured()));
      return;
    }
    if (isEvents && isContainer) {
      done = new DoneWatch();
    }
    from.handler(bytes -> pass(bytes, from));
    from.endHandler(ended -> gatewayEnded(from));
  }

  private void pass(Buffer bytes, HttpClientResponse from) {
    if (exchange.isOver()) {
      return;
    }
    exchange.await(exchange.services().config.idleTimeout());
    if (!begun) {
      begun = true;
      exchange.copyHead(from);
      to.setStatusCode(from.statusCode());
      to.setChunked(true);
    }
    if (isSpeech && (begin == null || begin.length() < BEGINNING)) {
      begin = (begin == null ? Buffer.buffer() : begin).appendBuffer(bytes);
    }
    passed += bytes.length();
    if (exchange.hasClientLeft()) {
      return;
    }
    if (done != null) {
      int length = done.take(bytes);
      if (done.isDone()) {
        endAfter(bytes.getBuffer(0, length).appendString("\n"), from);
        return;
      }
    }
    BodyRelay.pass(bytes, from, to);
  }

  /** A container has said all. The gateway is stopped, else it gives the job to another. */
  private void endAfter(Buffer last, HttpClientResponse from) {
    exchange.state().request().abandon();
    exchange
        .finish(JobEnd.succeeded(from.statusCode(), measured()))
        .onComplete(recorded -> exchange.end(last));
  }

  private void gatewayEnded(HttpClientResponse from) {
    if (exchange.isOver()) {
      return;
    }
    exchange.state().request().answered();
    if (!begun && !mayBeEmpty) {
      exchange.unusable();
      return;
    }
    Units units = measured();
    if (!begun) {
      exchange.copyHead(from);
      AnswerHead.bill(to, units, exchange.bill().cost(units));
      to.setStatusCode(from.statusCode());
    }
    exchange
        .finish(JobEnd.succeeded(from.statusCode(), units))
        .onComplete(recorded -> exchange.end(Buffer.buffer()));
  }

  private Units measured() {
    return exchange
        .bill()
        .billable(exchange.job().job().measured(null, exchange.delivered(begin, passed)));
  }

  @Override
  public boolean isOne() {
    return isSpeech || !begun || (isContainer && !isEvents);
  }

  @Override
  public boolean hasBegun() {
    return begun;
  }

  /**
   * A client that leaves or stops reading has used what it got. When the gateway breaks off, what
   * it sent is worthless, except for a container's job, which is paid by its time.
   */
  @Override
  public Units used(boolean byClient) {
    return begun && (byClient || isContainer) ? measured() : Units.NONE;
  }
}
