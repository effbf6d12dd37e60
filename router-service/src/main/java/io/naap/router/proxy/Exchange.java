package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.BodyMemory;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.router.http.ConnectionClose;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.neighbour.TenantPlans;
import io.naap.router.openai.EventMeter;
import io.naap.router.openai.OpenAiAnswers;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.Outliers;
import io.naap.router.routing.Route;
import io.naap.router.usage.RequestLog;
import io.naap.router.usage.UsageRecorder;
import io.naap.router.workload.Body;
import io.naap.router.workload.Job;
import io.naap.router.workload.ParsedRequest;
import io.naap.router.workload.TokenCount;
import io.naap.router.workload.UsageEstimator;
import io.naap.router.workload.Workloads;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One admitted job: forwarded once, streamed both ways with back-pressure, measured, recorded, and
 * only then ended. Every way out of here, a client that leaves included, comes through {@link
 * #finish}, which runs once. Everything runs on the request's own event loop.
 */
final class Exchange extends DeadlineWatcher.Watched {
  private static final String MASKS = "segment-anything-2";
  private static final String EVENTS = "text/event-stream";

  /** Bytes of what is passed on that are enough to see what it is. */
  private static final int BEGINNING = 4_096;

  private static final int MOST_OF_A_REASON = 65_536;

  /** Until a gateway says whether it has a file. */
  private static final long LOOK_MILLIS = 2_000;

  private static final CharSequence CONTENT_TYPE = HttpHeaders.CONTENT_TYPE;
  private static final CharSequence REQUEST_ID =
      HttpHeaders.createOptimized(Edge.REQUEST_ID_HEADER);
  private static final CharSequence ROUTE = HttpHeaders.createOptimized("x-naap-route");
  private static final CharSequence UNITS = HttpHeaders.createOptimized("x-naap-units");
  private static final CharSequence COST = HttpHeaders.createOptimized("x-naap-cost");
  private static final CharSequence TIMING = HttpHeaders.createOptimized("Server-Timing");

  /** What a gateway's answer may tell the client; the rest stays inside. */
  private static final List<CharSequence> PASSED =
      List.of(
          CONTENT_TYPE,
          HttpHeaders.createOptimized("Content-Disposition"),
          HttpHeaders.ETAG,
          HttpHeaders.LAST_MODIFIED);

  /** An upload may begin slowly. */
  private static final long UPLOAD_GRACE_MILLIS = 30_000;

  /** Of the memory for answers that must be whole, in a hundred, what one tenant may take. */
  private static final int TENANTS_PART = 33;

  /** Shared by all exchanges. */
  record Surroundings(
      Vertx vertx,
      Gateways gateways,
      ProxyConfig config,
      ObjectMapper json,
      UsageRecorder usage,
      RequestLog log,
      RouterMetrics metrics,
      Outliers outliers,
      RetryBudget retries,
      Shedding shedding,
      Drain drain,
      DeadlineWatcher lateness,
      Unattended unattended,
      UsageEstimator learned,
      Clock clock,
      BodyMemory answers,
      String publicUrl) {}

  private final Surroundings around;
  private final RoutingContext context;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final KeyProfile profile;
  private final ParsedRequest ask;
  private final Job job;

  /** The jobs that the gateway is given for this one, and which of them it has now. */
  private final List<Body> parts;

  private int part;

  /** What came of the parts before. */
  private final List<JsonNode> gathered = new ArrayList<>();

  private final JobAuthorization.Placed placed;
  private final JobAuthorization.Granted granted;
  private final Instant opened;

  /** When it was admitted: the day and month it counts in. */
  private final Instant admitted;

  private final Context loop;

  private Route route;
  private HttpClientRequest upstream;
  private long sent;

  /** When the job as a whole, and its next byte, are late. */
  private long endNanos;

  private long dueNanos;

  /** As billed, for the units it was computed for. */
  private Units billed = Units.NONE;

  private NanoUsd billedCost = NanoUsd.ZERO;
  private Buffer begin;
  private WholeAnswer whole;
  private long passed;
  private Instant forwarded;
  private long forwardedNanos;

  /** The answer that is being read. */
  private HttpClientResponse answering;

  /** The answer is there; whatever its connection does now does not matter. */
  private boolean completing;

  /** The head of the last part that was answered. */
  private HttpClientResponse lastAnswer;

  /** Something came of an answer that is passed on as it comes. */
  private boolean answerBegun;

  private boolean done;
  private boolean timedOut;
  private boolean stalled;
  private boolean uploaded;

  /** The gateway's answer has come to its end. */
  private boolean answered;

  /** The client has left. */
  private boolean left;

  /** It has, and the job goes on. */
  private boolean unattended;

  private boolean stopped;
  private String refusedWith;

  Exchange(
      Surroundings around,
      RoutingContext context,
      KeyProfile profile,
      ParsedRequest ask,
      Job job,
      List<Body> parts,
      JobAuthorization.Placed placed,
      JobAuthorization.Granted granted,
      Instant opened) {
    this.around = around;
    this.context = context;
    this.request = context.request();
    this.response = context.response();
    this.profile = profile;
    this.ask = ask;
    this.job = job;
    this.parts = parts;
    this.placed = placed;
    this.granted = granted;
    this.opened = opened;
    this.admitted = granted.hold().countedAt(around.clock.instant());
    this.loop = around.vertx.getOrCreateContext();
    this.route = placed.routes().getFirst();
    this.forwarded = opened;
  }

  void run() {
    assert isOnTheRequestsLoop() : "an exchange would be served by two event loops";
    if (response.closed()) {
      left = true;
      finish(499, "failed", Units.NONE);
      return;
    }
    response.closeHandler(gone -> clientLeft());
    response.exceptionHandler(gone -> clientLeft());
    request.exceptionHandler(gone -> clientLeft());
    around.drain.begins(this);
    around.retries.earn();
    long now = System.nanoTime();
    endNanos = now + around.config.totalTimeout().toNanos();
    dueNanos = endNanos;
    around.lateness.watch(this);
    connect(placed.routes(), 0);
  }

  /** Nothing here is locked: what comes from both sides must come on one thread. */
  private boolean isOnTheRequestsLoop() {
    return ((ConnectionBase) request.connection()).getContext().nettyEventLoop().inEventLoop();
  }

  private void connect(List<Route> routes, int at) {
    route = routes.get(at);
    open(
        toGateway(),
        away -> {
          if (away instanceof ConnectionPoolTooBusyException) {
            // Our own connections to it are all taken.
            fail(503, "too_busy", "The platform is too busy right now; try again.");
            return;
          }
          around.outliers.unreachable(route);
          // Nothing was sent, so the next gateway may have it.
          if (at + 1 < routes.size() && at < 2 && mayRetry()) {
            connect(routes, at + 1);
          } else {
            fail(503, "gateway_unreachable", "No gateway could be reached; try again.");
          }
        });
  }

  private RequestOptions toGateway() {
    return to(route.gateway())
        .setMethod(HttpMethod.valueOf(request.method().name()))
        .setURI(job.uri());
  }

  /** Opens a request and forwards the job in it, unless the job is over by then. */
  private void open(RequestOptions options, Consumer<Throwable> unreachable) {
    around
        .gateways
        .client()
        .request(options)
        .onComplete(
            connected -> {
              if (done) {
                if (connected.succeeded()) {
                  connected.result().reset();
                }
              } else if (connected.succeeded()) {
                forward(connected.result());
              } else {
                unreachable.accept(connected.cause());
              }
            });
  }

  private boolean mayRetry() {
    boolean may = around.retries.spend();
    around.metrics.retried(may);
    return may;
  }

  private void forward(HttpClientRequest to) {
    if (upstream == null) {
      forwarded = around.clock.instant();
      route.gateway().inFlight().incrementAndGet();
    }
    upstream = to;
    forwardedNanos = System.nanoTime();
    to.headers().setAll(job.headers());
    to.putHeader(REQUEST_ID, Edge.requestId(context));
    String trace = request.getHeader("traceparent");
    if (trace != null) {
      to.putHeader("traceparent", trace);
    }
    to.exceptionHandler(this::upstreamFailed);
    to.response()
        .onComplete(
            answered -> {
              if (answered.failed()) {
                upstreamFailed(answered.cause());
              } else if (!done) {
                answer(answered.result());
              }
            });
    switch (parts.get(part)) {
      case Body.Whole whole -> {
        sent = whole.bytes().length();
        uploaded = true;
        to.end(whole.bytes());
        await(around.config.firstByteTimeout().toMillis());
      }
      case Body.Streamed streamed -> stream(to, streamed);
    }
  }

  private void stream(HttpClientRequest to, Body.Streamed body) {
    if (body.length() >= 0) {
      to.putHeader("Content-Length", Long.toString(body.length()));
    } else {
      to.setChunked(true);
    }
    sent = body.head().length();
    if (body.ended()) {
      uploaded = true;
      to.end(body.head());
      await(around.config.firstByteTimeout().toMillis());
      return;
    }
    if (body.head().length() > 0) {
      to.write(body.head());
    }
    await(around.config.uploadIdleTimeout().toMillis());
    request.handler(
        bytes -> {
          if (done) {
            // What still comes of a body whose job is over is not worth keeping.
            return;
          }
          if (sent + bytes.length() > body.limit() + body.head().length()) {
            fail(
                413,
                "body_too_large",
                "The body of this path may have at most " + body.limit() + " bytes.");
            return;
          }
          Optional<Buffer> passed = good(() -> body.check().see(bytes));
          if (passed.isEmpty()) {
            return;
          }
          sent += passed.get().length();
          if (isTrickling()) {
            stalled = true;
            fail(408, "client_timeout", "The body did not come in time; send it again.");
            return;
          }
          await(around.config.uploadIdleTimeout().toMillis());
          if (passed.get().length() > 0) {
            to.write(passed.get());
          }
          if (to.writeQueueFull()) {
            request.pause();
            to.drainHandler(drained -> request.resume());
          }
        });
    request.endHandler(
        ended -> {
          Optional<Buffer> rest = done ? Optional.empty() : good(body.check()::end);
          if (rest.isEmpty()) {
            return;
          }
          uploaded = true;
          sent += rest.get().length();
          to.end(rest.get());
          await(around.config.firstByteTimeout().toMillis());
        });
    request.resume();
  }

  /** True for an upload that goes on, but so slowly that it never comes to its end. */
  private boolean isTrickling() {
    long millis = around.clock.millis() - forwarded.toEpochMilli();
    return millis > UPLOAD_GRACE_MILLIS
        && sent < millis / 1_000 * around.config.uploadLeastBytesPerSecond();
  }

  /** Empty, and the job has failed, when what is still sent cannot be passed on. */
  private Optional<Buffer> good(Supplier<Buffer> check) {
    try {
      return Optional.of(check.get());
    } catch (Refusal.RefusedException refused) {
      Refusal refusal = refused.refusal();
      fail(refusal.status(), refusal.code(), refusal.detail());
      return Optional.empty();
    }
  }

  // --- the answer ---

  private void answer(HttpClientResponse from) {
    answering = from;
    from.exceptionHandler(this::upstreamFailed);
    from.end().onSuccess(ended -> answered = true);
    await(around.config.idleTimeout().toMillis());
    int status = from.statusCode();
    if (status >= 300 || status < 200) {
      Buffer reason = Buffer.buffer();
      from.handler(
          bytes -> {
            reason.appendBuffer(bytes);
            if (reason.length() > MOST_OF_A_REASON) {
              refused(status, reason);
            }
          });
      from.endHandler(ended -> refused(status, reason));
      return;
    }
    switch (job.answer()) {
      case JSON, SPEECH -> whole(from);
      case LANGUAGE, EVENTS -> {
        if (isEvents(from.getHeader(CONTENT_TYPE))) {
          events(from);
        } else {
          whole(from);
        }
      }
      case THROUGH -> through(from, false);
      case THROUGH_OR_EMPTY -> through(from, true);
    }
  }

  private static boolean isEvents(String type) {
    return type != null && type.regionMatches(true, 0, EVENTS, 0, EVENTS.length());
  }

  private void refused(int status, Buffer body) {
    if (done) {
      return;
    }
    GatewayRefusal refused = GatewayRefusal.of(ask.capability(), status, reason(body));
    switch (refused.kind()) {
      case CUSTOMER -> {
        around.outliers.answered(route);
        fail(refused.refusal());
      }
      case NO_CAPACITY -> {
        unserved("status");
        fail(noCapacity());
      }
      case FAILED -> {
        unserved("status");
        fail(refused.refusal());
      }
    }
  }

  private static String reason(Buffer body) {
    return body.length() > MOST_OF_A_REASON ? "" : body.toString();
  }

  /** The gateway is there, but did not do this job. */
  private void unserved(String reason) {
    around.outliers.unserved(route, reason, ask.capability(), placed.model(), forwardedNanos);
  }

  private Refusal noCapacity() {
    return GatewayRefusal.noCapacity(
            Outliers.retryAfter(placed.routes(), ask.capability(), placed.model()))
        .refusal();
  }

  private void unusable() {
    unserved("answer");
    fail(
        502,
        "gateway_failed",
        ask.hasPicture()
            ? "The gateway gave no usable answer; try again, or send the picture as PNG or JPEG."
            : "The gateway gave no usable answer; try again.");
  }

  private void whole(HttpClientResponse from) {
    if (whole != null) {
      whole.release();
    }
    whole =
        new WholeAnswer(
            around.answers.share(List.of(new BodyMemory.Owner(profile.tenantId(), TENANTS_PART))),
            around.config.answerMaxBytes(),
            around.json);
    from.handler(
        bytes -> {
          if (done) {
            return;
          }
          await(around.config.idleTimeout().toMillis());
          switch (whole.add(bytes)) {
            case FINE -> {
              // Goes on.
            }
            case TOO_LARGE -> tooLarge();
            case NO_MEMORY -> {
              around.metrics.refused("answer_memory");
              fail(503, "too_busy", "Too many large answers are on their way; try again.");
            }
          }
        });
    from.endHandler(
        ended -> {
          if (done) {
            return;
          }
          answered = true;
          JsonNode answer = whole.parsed();
          if (answer == null || !answer.isObject() || !isComplete(answer)) {
            // A gateway that has nothing to say says it with an empty 200.
            unusable();
            return;
          }
          if (job.answer() == Job.Answer.SPEECH) {
            media(MediaUrls.relative(answer.at("/audio/url").asText(), route.gateway()));
            return;
          }
          if (parts.size() > 1) {
            answer.path("images").forEach(gathered::add);
            lastAnswer = from;
            if (part + 1 < parts.size()) {
              part++;
              next();
              return;
            }
            gather((ObjectNode) answer);
          }
          complete(from, (ObjectNode) answer, whole.bytes());
        });
  }

  /**
   * Masks are as large as the picture that its client sent: that job was made, and is paid. No
   * other answer is so large, unless its gateway is broken.
   */
  private void tooLarge() {
    if (!ask.capability().equals(MASKS)) {
      fail(502, "gateway_failed", "The gateway's answer is too large.");
      return;
    }
    Refusal refusal =
        Refusal.of(
            502,
            "answer_too_large",
            "The answer of this job is larger than "
                + around.config.answerMaxBytes()
                + " bytes: send a smaller picture. The job was made and is billed.");
    refusedWith = refusal.code();
    response.putHeader(ROUTE, route.toString());
    finish(refusal.status(), "partial", unknown())
        .onComplete(recorded -> Answers.refuse(context, refusal, ask.openAi()));
  }

  /** The next part goes to the same gateway: all of it is one job's. */
  private void next() {
    answered = false;
    answering = null;
    broken = () -> billable(measured(gather(around.json.createObjectNode())));
    open(toGateway(), away -> fail(noCapacity()));
  }

  private ObjectNode gather(ObjectNode answer) {
    answer.putArray("images").addAll(gathered);
    return answer;
  }

  /** An answer that is there as a whole: what of it can be used is shown, and billed. */
  private void complete(HttpClientResponse from, ObjectNode answer, Buffer body) {
    completing = true;
    int images = answer.path("images").size();
    MediaUrls.relative(answer, route.gateway());
    ImageAnswers.keepDistinct(answer);
    List<String> doubted = ImageAnswers.doubted(answer);
    if (doubted.isEmpty()) {
      show(from, answer, images == answer.path("images").size() ? body : null);
      return;
    }
    await(around.config.idleTimeout().toMillis());
    Set<String> missing = new HashSet<>();
    List<Future<Void>> looks = new ArrayList<>();
    for (String url : doubted) {
      looks.add(look(url, missing));
    }
    Future.join(looks)
        .onComplete(
            looked -> {
              if (done) {
                return;
              }
              ImageAnswers.leaveOut(answer, missing);
              show(from, answer, images == answer.path("images").size() ? body : null);
            });
  }

  /** Whether a gateway has a file that it names; in doubt it has. */
  private Future<Void> look(String url, Set<String> missing) {
    return around
        .gateways
        .client()
        .request(to(route.gateway()).setMethod(HttpMethod.HEAD).setURI(url).setTimeout(LOOK_MILLIS))
        .compose(HttpClientRequest::send)
        .map(
            found -> {
              if (found.statusCode() == 404 || found.statusCode() == 410) {
                missing.add(url);
              }
              return (Void) null;
            })
        .otherwiseEmpty();
  }

  /**
   * @param body the answer's own bytes, as long as it is unchanged, else null
   */
  private void show(HttpClientResponse from, ObjectNode answer, Buffer body) {
    if (!isComplete(answer)) {
      gathered.clear();
      unusable();
      return;
    }
    Units units = billable(measured(answer));
    boolean changed = MediaUrls.rewrite(answer, around.publicUrl, route.gateway().name());
    ObjectNode shown = answer;
    if (ask.openAi() && OpenAiAnswers.differs(answer)) {
      shown = OpenAiAnswers.of(answer, opened);
      changed = true;
    }
    copyHead(from);
    tell(units);
    Buffer bytes = changed || body == null ? Buffer.buffer(shown.toString()) : body;
    response.putHeader(CONTENT_TYPE, "application/json");
    finish(200, "succeeded", units).onComplete(recorded -> end(bytes));
  }

  private Units measured(JsonNode answer) {
    if (job.answer() != Job.Answer.LANGUAGE && job.answer() != Job.Answer.EVENTS) {
      return job.measured(answer, delivered());
    }
    tokens = TokenCount.of(answer, job.estimate());
    return tokens.units();
  }

  private boolean isComplete(JsonNode answer) {
    return switch (job.answer()) {
      case LANGUAGE, EVENTS ->
          !answer.hasNonNull("error")
              && answer.path("choices").isArray()
              && !answer.path("choices").isEmpty();
      case JSON, SPEECH -> !answer.hasNonNull("error") && hasResult(answer);
      case THROUGH, THROUGH_OR_EMPTY -> true;
    };
  }

  /** An answer without the result of its capability is not one that anybody pays for. */
  private boolean hasResult(JsonNode answer) {
    return switch (ask.capability()) {
      case "text-to-image", "image-to-image", "image-to-video", "upscale" ->
          answer.path("images").isArray() && !answer.path("images").isEmpty();
      case "audio-to-text", "image-to-text" -> answer.path("text").isTextual();
      case "text-to-speech" -> answer.at("/audio/url").isTextual();
      case MASKS -> answer.has("masks");
      default -> true;
    };
  }

  private void events(HttpClientResponse from) {
    meter = new EventMeter(around.json, ask.openAi(), ask.showUsage(), job.estimate());
    tokens = meter.tokens();
    copyHead(from);
    response.putHeader("Cache-Control", "no-cache");
    response.putHeader("X-Accel-Buffering", "no");
    response.setChunked(true);
    broken = () -> billable(meter.units());
    from.handler(
        bytes -> {
          if (done) {
            return;
          }
          Buffer out;
          try {
            out = meter.pass(bytes);
          } catch (IllegalStateException endless) {
            upstreamFailed(endless);
            return;
          }
          Duration next =
              meter.isFinished() ? around.config.finishedGrace() : around.config.idleTimeout();
          if (out.length() > 0 && !left) {
            response.write(out);
            if (response.writeQueueFull()) {
              // Now it is the client that is waited for.
              next = around.config.idleTimeout();
              from.pause();
              response.drainHandler(drained -> from.resume());
            }
          }
          if (meter.hasFailed()) {
            // The job failed, and perhaps by what its customer sent: it ejects nobody.
            around.outliers.broke(route, "stream_error");
            brokenOff();
            return;
          }
          await(next.toMillis());
        });
    from.endHandler(
        ended -> {
          if (done) {
            return;
          }
          if (!meter.isFinished()) {
            upstreamFailed(new IOException("the stream ended early"));
            return;
          }
          saidAll();
        });
  }

  /** A stream has ended well. */
  private void saidAll() {
    finish(200, "succeeded", billable(meter.units())).onComplete(recorded -> end(meter.end()));
  }

  /** A model that has finished has said all, whether its gateway ends the stream or not. */
  private boolean hasSaidAll() {
    return meter != null && meter.isFinished();
  }

  /** Of an answer that is a stream of events. */
  private EventMeter meter;

  /** Of an answer of a language model. */
  private TokenCount tokens;

  /** The gateway has not ended its answer. */
  private boolean unclosed;

  /** What was used when an answer breaks off. */
  private interface Broken {
    Units units();
  }

  private Broken broken = () -> Units.NONE;

  /** Gets what an answer names from the gateway that has it, and passes it on instead. */
  private void media(String uri) {
    if (!uri.startsWith("/")) {
      // Kept in a store of the operator's, where anybody with the address may have it.
      response.putHeader("Location", uri).putHeader("x-naap-route", route.toString());
      response.setStatusCode(303);
      finish(303, "succeeded", billable(job.measured(null, delivered())))
          .onComplete(recorded -> end(Buffer.buffer()));
      return;
    }
    await(around.config.firstByteTimeout().toMillis());
    around
        .gateways
        .client()
        .request(to(route.gateway()).setMethod(HttpMethod.GET).setURI(uri))
        .compose(
            fetch -> {
              if (done) {
                fetch.reset();
                return Future.failedFuture("the exchange has ended");
              }
              upstream = fetch;
              fetch.exceptionHandler(this::upstreamFailed);
              return fetch.send();
            })
        .onSuccess(
            from -> {
              if (from.statusCode() == 200) {
                answering = from;
                answered = false;
                from.exceptionHandler(this::upstreamFailed);
                through(from, false);
              } else {
                unusable();
              }
            })
        .onFailure(this::upstreamFailed);
  }

  private static RequestOptions to(Gateway gateway) {
    return new RequestOptions()
        .setHost(gateway.url().getHost())
        .setPort(gateway.port())
        .setSsl(gateway.isTls());
  }

  private void through(HttpClientResponse from, boolean mayBeEmpty) {
    if (left && isEvents(from.getHeader(CONTENT_TYPE))) {
      // A stream that nobody listens to: its container need not go on.
      finish(499, "partial", billable(job.measured(null, delivered())));
      return;
    }
    DoneWatch end =
        ask.capability().equals(Workloads.BYOC) && isEvents(from.getHeader(CONTENT_TYPE))
            ? new DoneWatch()
            : null;
    // A client that leaves, or stops reading, has used what it was given; a gateway that breaks off
    // leaves nothing that is worth money, save the time of a job that is paid by its time.
    broken =
        () ->
            answerBegun && (left || stalled || ask.capability().equals("byoc"))
                ? billable(job.measured(null, delivered()))
                : Units.NONE;
    from.handler(
        bytes -> {
          if (done) {
            return;
          }
          await(around.config.idleTimeout().toMillis());
          if (!answerBegun) {
            answerBegun = true;
            copyHead(from);
            response.setStatusCode(from.statusCode());
            response.setChunked(true);
          }
          if (job.answer() == Job.Answer.SPEECH && (begin == null || begin.length() < BEGINNING)) {
            begin = (begin == null ? Buffer.buffer() : begin).appendBuffer(bytes);
          }
          passed += bytes.length();
          if (left) {
            return;
          }
          if (end != null) {
            int length = end.take(bytes);
            if (end.isDone()) {
              // The gateway has the next orchestrator do it again, unless it is stopped.
              unclosed = true;
              Buffer last = bytes.getBuffer(0, length).appendString("\n");
              finish(from.statusCode(), "succeeded", billable(job.measured(null, delivered())))
                  .onComplete(recorded -> end(last));
              return;
            }
          }
          response.write(bytes);
          if (response.writeQueueFull()) {
            from.pause();
            response.drainHandler(drained -> from.resume());
          }
        });
    from.endHandler(
        ended -> {
          if (done) {
            return;
          }
          answered = true;
          if (!answerBegun && !mayBeEmpty) {
            unusable();
            return;
          }
          Units units = billable(job.measured(null, delivered()));
          if (!answerBegun) {
            copyHead(from);
            tell(units);
            response.setStatusCode(from.statusCode());
          }
          finish(from.statusCode(), "succeeded", units)
              .onComplete(recorded -> end(Buffer.buffer()));
        });
  }

  private void copyHead(HttpClientResponse from) {
    for (CharSequence name : PASSED) {
      String value = from.headers().get(name);
      if (value != null) {
        response.putHeader(name, value);
      }
    }
    if (!uploaded && request.version() != HttpVersion.HTTP_2) {
      // The gateway has answered before it had all: the rest is not read.
      response.putHeader("Connection", "close");
    }
    response.putHeader(ROUTE, route.toString());
    long now = around.clock.millis();
    long upstreamMillis = now - forwarded.toEpochMilli();
    response.putHeader(
        TIMING,
        "router;dur="
            + (now - opened.toEpochMilli() - upstreamMillis)
            + ", upstream;dur="
            + upstreamMillis);
  }

  private void tell(Units units) {
    response.putHeader(UNITS, units.toString());
    response.putHeader(COST, cost(units) + " USD");
  }

  private Job.Delivered delivered() {
    return new Job.Delivered(sent, around.clock.millis() - forwarded.toEpochMilli(), begin, passed);
  }

  // --- ends ---

  /** Ends an answer, when there still is somebody who gets it. */
  private void end(Buffer last) {
    if (!left) {
      response.end(last);
    }
  }

  /** The next byte is late after so long. */
  private void await(long millis) {
    dueNanos = System.nanoTime() + millis * 1_000_000;
  }

  @Override
  void look(long nanos) {
    if (!done && !completing && (dueNanos - nanos <= 0 || endNanos - nanos <= 0)) {
      late();
    }
  }

  private void late() {
    timedOut = true;
    // A gateway is not to blame for a client that does not send, or does not read.
    stalled =
        response.headWritten()
            ? response.writeQueueFull()
            : upstream != null && !uploaded && !upstream.writeQueueFull();
    if (!stalled && !left && !hasSaidAll()) {
      failedAt("timeout");
    }
    upstreamFailed(new IOException("timeout"));
  }

  /** The router stops: what was delivered is billed, and the client is told. Any thread. */
  void cut() {
    loop.runOnContext(
        now -> {
          if (done) {
            return;
          }
          if (left) {
            finish(499, "partial", unknown());
          } else if (response.headWritten()) {
            stopped = true;
            brokenOff();
          } else {
            fail(503, "router_stopping", "This router is stopping; try again.");
          }
        });
  }

  /**
   * The client is gone. A stream is stopped, and what was delivered of it is paid. A job with one
   * answer that its gateway has is made, and paid by the operator, whether anybody waits for it or
   * not: so it is waited for and billed.
   */
  private void clientLeft() {
    if (done || left) {
      return;
    }
    left = true;
    if (upstream == null || !uploaded || !hasOneAnswer()) {
      finish(499, "partial", given());
    } else if (around.unattended.enter()) {
      unattended = true;
      long latest = System.nanoTime() + around.config.unattendedTimeout().toNanos();
      endNanos = endNanos - latest < 0 ? endNanos : latest;
      if (answering != null) {
        answering.resume();
      }
    } else {
      finish(499, "partial", unknown());
    }
  }

  private boolean hasOneAnswer() {
    return switch (job.answer()) {
      case JSON, SPEECH, LANGUAGE -> meter == null;
      case EVENTS -> false;
      case THROUGH, THROUGH_OR_EMPTY ->
          !response.headWritten()
              || (ask.capability().equals(Workloads.BYOC)
                  && !isEvents(response.headers().get(CONTENT_TYPE)));
    };
  }

  /** What a client has used that left a stream, or an answer whose worth is known already. */
  private Units given() {
    Units units = response.headWritten() ? broken.units() : Units.NONE;
    // A model that has the whole request has read it, though nobody heard its first word.
    return units.isNone() && job.answer() == Job.Answer.EVENTS && upstream != null
        ? billable(job.estimate().with(Unit.TOKENS_OUT, 0))
        : units;
  }

  /** What a job came to whose end nobody sees: what is known of it, else what it was held for. */
  private Units unknown() {
    Units known = broken.units();
    if (!known.isNone()) {
      return known;
    }
    if (left) {
      around.unattended.ended(Unattended.End.HELD);
    }
    return billable(granted.held());
  }

  /** A gateway that is late, or drops a connection, may be down, and is looked at. */
  private void failedAt(String reason) {
    if (response.headWritten()) {
      around.outliers.broke(route, reason);
    } else {
      unserved(reason);
    }
    around.outliers.suspect(route);
  }

  private void upstreamFailed(Throwable failure) {
    if (done || completing) {
      return;
    }
    if (!timedOut) {
      failedAt("connection");
    }
    if (left && (timedOut || answerBegun)) {
      finish(499, "partial", timedOut ? unknown() : broken.units());
      return;
    }
    if (!response.headWritten()) {
      if (stalled) {
        fail(408, "client_timeout", "The body did not come in time; send it again.");
      } else if (timedOut) {
        fail(504, "gateway_timeout", "The gateway took too long; try again.");
      } else {
        fail(noCapacity());
      }
      return;
    }
    brokenOff();
  }

  /** Ends an answer that has begun and will not be whole. */
  private void brokenOff() {
    if (hasSaidAll() && !stalled) {
      unclosed = true;
      saidAll();
      return;
    }
    Units units = broken.units();
    boolean events = isEvents(response.headers().get(CONTENT_TYPE));
    finish(response.getStatusCode(), units.equals(Units.NONE) ? "failed" : "partial", units)
        .onComplete(
            recorded -> {
              if (events) {
                Refusal refusal =
                    stopped
                        ? Refusal.of(
                            503,
                            "router_stopping",
                            "This router is stopping; what was delivered is billed.")
                        : Refusal.of(
                            502,
                            "stream_broken",
                            units.equals(Units.NONE)
                                ? "The gateway could not do the job; nothing is billed, try again."
                                : "The stream broke; what was delivered is billed.");
                response.end("data: " + Answers.openAiError(refusal) + "\n\n");
              } else {
                Answers.cutShort(context);
              }
            });
  }

  private void fail(int status, String code, String detail) {
    fail(
        status == 503
            ? new Refusal(503, code, detail, null, Optional.of(1L))
            : Refusal.of(status, code, detail));
  }

  private void fail(Refusal refusal) {
    if (done) {
      return;
    }
    if (!gathered.isEmpty() && lastAnswer != null && !response.headWritten()) {
      // What was made before is there, and paid.
      List<JsonNode> made = List.copyOf(gathered);
      gathered.clear();
      ObjectNode answer = around.json.createObjectNode();
      answer.putArray("images").addAll(made);
      upstream.reset();
      complete(lastAnswer, answer, null);
      return;
    }
    refusedWith = refusal.code();
    if (!response.headWritten()) {
      response.putHeader(ROUTE, route.toString());
    }
    finish(refusal.status(), "failed", Units.NONE)
        .onComplete(recorded -> Answers.refuse(context, refusal, ask.openAi()));
  }

  private Units billable(Units measured) {
    if (measured.equals(Units.NONE)) {
      return measured;
    }
    Units billed = granted.hold().billable(measured);
    if (!billed.equals(measured)) {
      around.metrics.unbilled(measured, billed);
    }
    return billed;
  }

  private NanoUsd cost(Units units) {
    if (!units.equals(billed)) {
      billedCost = TenantPlans.cost(placed.plan(), ask.capability(), placed.model(), units);
      billed = units;
    }
    return billedCost;
  }

  /** Runs once, whatever happens first: stops the gateway, and records and settles the job. */
  private Future<Void> finish(int toldStatus, String howItEnded, Units units) {
    if (done) {
      return Future.failedFuture("the exchange has ended");
    }
    done = true;
    int status = left ? 499 : toldStatus;
    String outcome = !left ? howItEnded : units.isNone() ? "failed" : "partial";
    around.drain.ends(this);
    around.shedding.leave();
    ask.over().run();
    around.lateness.forget(this);
    if (whole != null) {
      whole.release();
    }
    if (upstream != null) {
      route.gateway().inFlight().decrementAndGet();
      boolean good = howItEnded.equals("succeeded");
      if (unattended) {
        around.unattended.leave();
        if (good || units.isNone()) {
          around.unattended.ended(good ? Unattended.End.MEASURED : Unattended.End.FAILED);
        }
      }
      if ((left && !answered) || !good || !uploaded || unclosed) {
        upstream.reset();
        if (!answered) {
          // Nobody else may use the connection, so it was closed.
          ConnectionClose.giveUp(upstream.connection());
        }
      }
      if (good) {
        around.outliers.succeeded(route, ask.capability(), placed.model());
        around.learned.done(ask.capability(), placed.model(), job, units);
      }
    }
    if (tokens != null) {
      tokens
          .mismatch()
          .ifPresent(kind -> around.metrics.tokensDiffer(route.gateway().name(), kind.name()));
    }
    Instant now = around.clock.instant();
    NanoUsd cost = cost(units);
    String eventId = granted.hold().id();
    String requestId = eventId.substring(0, eventId.lastIndexOf('-'));
    Future<Void> recorded =
        around.usage.record(
            granted.hold(),
            (instance, position) ->
                new UsageRecorded(
                    new UsageRecorded.Source(
                        eventId, requestId, 0, instance, position, opened, admitted),
                    new UsageRecorded.Who(profile.tenantId(), profile.keyId(), profile.tags()),
                    new UsageRecorded.What(
                        ask.capability(),
                        placed.model(),
                        placed.tier(),
                        route.pool().name(),
                        route.gateway().name()),
                    new UsageRecorded.End(
                        status,
                        outcome,
                        units,
                        placed.plan().plan().reference(),
                        granted.hold().fundingId(),
                        cost,
                        now.toEpochMilli() - opened.toEpochMilli())));
    around.log.log(
        new RequestLogged(
            requestId,
            opened,
            profile.tenantId(),
            profile.keyId(),
            ask.capability(),
            placed.model(),
            status,
            Optional.ofNullable(refusedWith),
            Optional.of(route.pool().name()),
            Optional.of(route.gateway().name()),
            units,
            cost,
            now.toEpochMilli() - opened.toEpochMilli(),
            upstream == null ? 0 : now.toEpochMilli() - forwarded.toEpochMilli()));
    return recorded;
  }
}
