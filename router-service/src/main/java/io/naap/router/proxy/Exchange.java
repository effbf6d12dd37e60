package io.naap.router.proxy;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.router.http.Responses;
import io.naap.router.proxy.ExchangeState.Interruption;
import io.naap.router.proxy.ExchangeState.OnInterruption;
import io.naap.router.routing.Outliers;
import io.naap.router.routing.Route;
import io.naap.router.workload.Job;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;

/**
 * One admitted job: forwarded once, streamed both ways with back-pressure, measured, recorded, and
 * only then ended. Its {@link ExchangeState} says where it stands. Every way out comes through
 * {@link #finish}, which runs once. Everything runs on the request's own event loop.
 */
final class Exchange extends DeadlineWatcher.Watched {
  private static final ExchangeState CONNECTING = new ExchangeState.Connecting();
  private static final ExchangeState ENDED = new ExchangeState.Ended();

  private enum Client {
    PRESENT,
    LEFT,
    /** It has left, and its answer is waited for, to be billed as measured. */
    LEFT_UNATTENDED
  }

  private final ExchangeServices services;
  private final RoutingContext context;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final AdmittedJob job;
  private final JobBill bill;
  private final Instant admitted;
  private final Context loop;
  private final Forwarding forwarding;
  private final GatheredImages gathered = new GatheredImages();

  private ExchangeState state = CONNECTING;
  private Client client = Client.PRESENT;
  private Route route;
  private long endNanos;
  private long dueNanos;

  Exchange(ExchangeServices services, RoutingContext context, AdmittedJob job) {
    this.services = services;
    this.context = context;
    this.request = context.request();
    this.response = context.response();
    this.job = job;
    this.bill = new JobBill(job, services.recorder.metrics);
    this.admitted = job.granted().hold().countedAt(services.clock.instant());
    this.loop = services.vertx.getOrCreateContext();
    this.route = job.routed().routes().getFirst();
    this.forwarding = new Forwarding(this, services.gateways.gateways.client());
  }

  void run() {
    // Nothing here is locked, so events of both sides must come on one thread.
    assert ((ConnectionBase) request.connection()).getContext().nettyEventLoop().inEventLoop()
        : "an exchange would be served by two event loops";
    if (response.closed()) {
      client = Client.LEFT;
      finish(JobEnd.abandoned(Units.NONE));
      return;
    }
    response.closeHandler(gone -> clientLeft());
    response.exceptionHandler(gone -> clientLeft());
    request.exceptionHandler(gone -> clientLeft());
    services.gateways.jobBegins();
    endNanos = System.nanoTime() + services.config.totalTimeout().toNanos();
    dueNanos = endNanos;
    services.running.begins(this);
    forwarding.connect(job.routed().routes(), 0);
  }

  // --- forward ---

  ExchangeState state() {
    return state;
  }

  /** Goes on to the next state; what the last answer took of the memory is given back. */
  void enter(ExchangeState next) {
    GatewayAnswer last = state.answer();
    if (last != null && last != next.answer()) {
      last.release();
    }
    state = next;
  }

  Forwarding forwarding() {
    return forwarding;
  }

  // --- measure ---

  void copyHead(HttpClientResponse from) {
    AnswerHead.copy(from, response);
    if (!state.request().isUploaded() && request.version() != HttpVersion.HTTP_2) {
      // The gateway has answered early; the rest of the request is not read.
      response.putHeader("Connection", "close");
    }
    AnswerHead.route(response, route);
    long upstreamMillis = upstreamMillis();
    long allMillis = services.clock.millis() - job.opened().toEpochMilli();
    AnswerHead.timing(response, allMillis - upstreamMillis, upstreamMillis);
  }

  /** Milliseconds since the job was forwarded. */
  long upstreamMillis() {
    return services.clock.millis() - forwarding.forwarded().toEpochMilli();
  }

  Job.Delivered delivered(Buffer begin, long passed) {
    return new Job.Delivered(state.request().bodyBytes(), upstreamMillis(), begin, passed);
  }

  /** What the answer came to so far. */
  private Units used(boolean byClient) {
    if (!gathered.isEmpty()) {
      return bill.billable(job.job().measured(gathered.asAnswer(), delivered(null, 0)));
    }
    GatewayAnswer answer = state.answer();
    return answer == null ? Units.NONE : answer.used(byClient || hasClientLeft());
  }

  /** What a job came to whose end nobody sees: what is known of it, else what it was held for. */
  Units unknownUse() {
    Units known = used(false);
    if (!known.isNone()) {
      return known;
    }
    if (hasClientLeft()) {
      services.running.unattended.held();
    }
    return bill.held();
  }

  /** What a client has used that left a stream, or an answer whose worth is known already. */
  private Units usedWhenLeft() {
    Units units = response.headWritten() ? used(true) : Units.NONE;
    // A model that has the whole request has read it, though its client heard no word.
    return units.isNone() && job.job().answer() == Job.Answer.EVENTS && state.request() != null
        ? bill.billable(job.job().estimate().most().with(Unit.TOKENS_OUT, 0))
        : units;
  }

  // --- ways out ---

  /** The next byte is late after so long. */
  void await(Duration most) {
    dueNanos = System.nanoTime() + most.toMillis() * 1_000_000;
  }

  @Override
  void look(long nanos) {
    if (state.hasDeadlines() && (dueNanos - nanos <= 0 || endNanos - nanos <= 0)) {
      boolean headWritten = response.headWritten();
      interrupt(state.late(headWritten, headWritten && response.writeQueueFull()));
    }
  }

  /** The router stops. Any thread. */
  void cut() {
    loop.runOnContext(now -> interrupt(Interruption.ROUTER_STOPPING));
  }

  private void clientLeft() {
    if (hasClientLeft()) {
      return;
    }
    switch (state.onClientLeft(job.job().answer())) {
      case IGNORE -> {}
      case END -> {
        client = Client.LEFT;
        finish(JobEnd.abandoned(usedWhenLeft()));
      }
      case AWAIT_ANSWER -> awaitUnattended();
    }
  }

  private void awaitUnattended() {
    if (!services.running.unattended.enter()) {
      client = Client.LEFT;
      finish(JobEnd.abandoned(unknownUse()));
      return;
    }
    client = Client.LEFT_UNATTENDED;
    long latest = System.nanoTime() + services.config.unattendedTimeout().toNanos();
    endNanos = endNanos - latest < 0 ? endNanos : latest;
    state.request().resume();
  }

  /** Something ends the exchange before its answer does. */
  void interrupt(Interruption why) {
    OnInterruption next = state.onInterruption(why, hasClientLeft(), response.headWritten());
    if (next == OnInterruption.IGNORE) {
      return;
    }
    if (why == Interruption.GATEWAY_BROKE) {
      blameGateway("connection");
    } else if (why == Interruption.GATEWAY_LATE && !hasClientLeft() && !state.hasSaidAll()) {
      blameGateway("timeout");
    }
    switch (next) {
      case IGNORE -> throw new IllegalStateException("returned above");
      case BILL_HELD -> finish(JobEnd.abandoned(unknownUse()));
      case BILL_DELIVERED -> finish(JobEnd.abandoned(used(true)));
      case REFUSE_CLIENT_TIMEOUT -> fail(ExchangeRefusals.CLIENT_TIMEOUT);
      case REFUSE_GATEWAY_TIMEOUT -> fail(ExchangeRefusals.GATEWAY_TIMEOUT);
      case REFUSE_NO_CAPACITY -> failForCapacity();
      case REFUSE_STOPPING -> fail(ExchangeRefusals.STOPPING);
      case BREAK_OFF -> breakOff(why);
    }
  }

  /** A gateway that is late, or drops a connection, may be down, and is looked at. */
  private void blameGateway(String reason) {
    if (response.headWritten()) {
      services.gateways.outliers.broke(route, reason);
    } else {
      unserved(reason);
    }
    services.gateways.outliers.suspect(route);
  }

  /** The gateway is there, but did not do this job. */
  void unserved(String reason) {
    GatewayRequest to = state.request();
    services.gateways.outliers.unserved(
        route, reason, job.capability(), job.model(), to == null ? 0 : to.sentNanos());
  }

  /** Ends an answer that has begun and will not be whole. */
  void breakOff(Interruption why) {
    if (state.hasSaidAll() && why != Interruption.CLIENT_STALLED) {
      state.request().abandon();
      state.answer().endWell();
      return;
    }
    Units units = used(why == Interruption.CLIENT_STALLED);
    boolean isEvents = AnswerHead.isEvents(response.headers().get(AnswerHead.CONTENT_TYPE));
    finish(JobEnd.brokenOff(response.getStatusCode(), units))
        .onComplete(
            recorded -> {
              if (isEvents) {
                response.end(
                    "data: "
                        + Responses.openAiError(ExchangeRefusals.broken(why, !units.isNone()))
                        + "\n\n");
              } else {
                Responses.cutShort(context);
              }
            });
  }

  void failForCapacity() {
    long seconds = Outliers.retryAfter(job.routed().routes(), job.capability(), job.model());
    fail(GatewayRefusal.noCapacity(seconds).refusal());
  }

  /** The gateway's answer has not the job's result. */
  void unusable() {
    unserved("answer");
    fail(ExchangeRefusals.unusable(job.request().workload().readsPicture()));
  }

  /** Answers with a refusal; or with the images of earlier parts, which are made and paid. */
  void fail(Refusal refusal) {
    if (state.isOver()) {
      return;
    }
    if (!gathered.isEmpty() && !response.headWritten()) {
      var answer = gathered.asAnswer();
      gathered.clear();
      state.request().reset();
      new JsonAnswer(this).complete(gathered.head(), answer, null);
      return;
    }
    if (!response.headWritten()) {
      AnswerHead.route(response, route);
    }
    finish(JobEnd.failed(refusal)).onComplete(recorded -> refuse(refusal));
  }

  void refuse(Refusal refusal) {
    Responses.refuse(context, refusal, job.request().openAi());
  }

  void end(Buffer last) {
    if (!hasClientLeft()) {
      response.end(last);
    }
  }

  // --- record ---

  /** Runs once, whatever happens first: stops the gateway, and records and settles the job. */
  Future<Void> finish(JobEnd end) {
    if (state.isOver()) {
      return Future.failedFuture("the exchange has ended");
    }
    GatewayRequest to = state.request();
    GatewayAnswer answer = state.answer();
    enter(ENDED);
    services.running.ends(this);
    if (answer != null) {
      answer
          .tokens()
          .flatMap(tokens -> tokens.mismatch())
          .ifPresent(
              kind -> services.recorder.metrics.tokensDiffer(route.gateway().name(), kind.name()));
    }
    if (to != null) {
      endAtGateway(to, end);
    }
    JobEnd seen = hasClientLeft() ? end.forClientThatLeft() : end;
    Instant now = services.clock.instant();
    return services.recorder.record(
        new JobRecord(
            job,
            route,
            seen,
            bill.cost(seen.units()),
            admitted,
            now,
            to == null ? 0 : now.toEpochMilli() - forwarding.forwarded().toEpochMilli()));
  }

  private void endAtGateway(GatewayRequest to, JobEnd end) {
    route.gateway().inFlight().decrementAndGet();
    if (client == Client.LEFT_UNATTENDED) {
      services.running.unattended.leave(end);
    }
    to.end(end.isSuccess(), hasClientLeft());
    if (end.isSuccess()) {
      services.gateways.outliers.succeeded(route, job.capability(), job.model());
      services.recorder.estimator.done(job.capability(), job.model(), job.job(), end.units());
    }
  }

  // --- for the parts of this exchange ---

  boolean isOver() {
    return state.isOver();
  }

  boolean hasClientLeft() {
    return client != Client.PRESENT;
  }

  ExchangeServices services() {
    return services;
  }

  RoutingContext context() {
    return context;
  }

  void route(Route next) {
    route = next;
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return response;
  }

  AdmittedJob job() {
    return job;
  }

  JobBill bill() {
    return bill;
  }

  Route route() {
    return route;
  }

  GatheredImages gathered() {
    return gathered;
  }
}
