package io.naap.router.proxy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.edge.BodyMemory;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.text.PlainText;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Upload;
import io.naap.router.http.Uploads;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.neighbour.KeyProfiles;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.Outliers;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingConfig;
import io.naap.router.routing.RoutingTables;
import io.naap.router.usage.RequestLog;
import io.naap.router.usage.UsageRecorder;
import io.naap.router.workload.Body;
import io.naap.router.workload.Job;
import io.naap.router.workload.ParsedRequest;
import io.naap.router.workload.UsageEstimator;
import io.naap.router.workload.Workloads;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.ContextInternal;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The paths of batch jobs. Handlers on the router itself: a job's bytes pass through here, and the
 * path must cost next to nothing. Every one of them asks for an API key, except media URLs, which
 * cannot be guessed.
 */
@Singleton
public class JobRoutes {
  private static final Duration HOLD = Duration.ofMinutes(16);
  private static final int BEFORE_THE_EDGE = 10_001;
  private static final String STREAM_NAME = "[A-Za-z0-9_.-]{1,128}";

  private final Endpoints endpoints;
  private final KeyProfiles profiles;
  private final Uploads uploads;
  private final Workloads workloads;
  private final PushedStreams pushes;
  private final JobAuthorization admittance;
  private final RoutingTables tables;
  private final Clock clock;
  private final Exchange.Surroundings around;

  JobRoutes(
      Endpoints endpoints,
      KeyProfiles profiles,
      Uploads uploads,
      Workloads workloads,
      PushedStreams pushes,
      JobAuthorization admittance,
      RoutingTables tables,
      Vertx vertx,
      Gateways gateways,
      ProxyConfig config,
      RoutingConfig routing,
      ObjectMapper json,
      UsageRecorder usage,
      RequestLog log,
      RouterMetrics metrics,
      Outliers outliers,
      Shedding shedding,
      Drain drain,
      DeadlineWatcher lateness,
      Unattended unattended,
      UsageEstimator learned,
      Clock clock) {
    this.endpoints = endpoints;
    this.profiles = profiles;
    this.uploads = uploads;
    this.workloads = workloads;
    this.pushes = pushes;
    this.admittance = admittance;
    this.tables = tables;
    this.clock = clock;
    this.around =
        new Exchange.Surroundings(
            vertx,
            gateways,
            config,
            json,
            usage,
            log,
            metrics,
            outliers,
            new RetryBudget(config.retryPercent(), config.retryReserve()),
            shedding,
            drain,
            lateness,
            unattended,
            learned,
            clock,
            new BodyMemory(Runtime.getRuntime().maxMemory() / 100 * config.answerMemoryPercent()),
            routing.publicUrl());
  }

  /**
   * Events are named by request ids and count once: a client that could choose its id could be
   * served for free.
   */
  void chooseOurOwnIds(@Observes Filters filters) {
    filters.register(
        context -> {
          context.request().headers().remove(Edge.REQUEST_ID_HEADER);
          context.next();
        },
        BEFORE_THE_EDGE);
  }

  void register(@Observes Router router) {
    job(router, Endpoint.TEXT_TO_IMAGE, "text-to-image", workloads::textToImage);
    job(router, Endpoint.TEXT_TO_SPEECH, "text-to-speech", workloads::textToSpeech);
    job(router, Endpoint.LLM, "llm", request -> workloads.language(request, false));
    job(router, Endpoint.AUDIO_TO_TEXT, "audio-to-text", workloads::audioToText);
    job(router, Endpoint.IMAGE_TO_VIDEO, "image-to-video", workloads::imageToVideo);
    picture(router, Endpoint.IMAGE_TO_IMAGE);
    picture(router, Endpoint.UPSCALE);
    picture(router, Endpoint.SEGMENT_ANYTHING);
    picture(router, Endpoint.IMAGE_TO_TEXT);
    openAi(router, Endpoint.IMAGE_GENERATIONS, "text-to-image", workloads::imageGenerations);
    openAi(router, Endpoint.IMAGE_EDITS, "image-to-image", workloads::imageEdits);
    openAi(router, Endpoint.IMAGE_VARIATIONS, "image-to-image", workloads::imageVariations);
    openAi(router, Endpoint.AUDIO_TRANSCRIPTIONS, "audio-to-text", workloads::audioTranscriptions);
    openAi(router, Endpoint.AUDIO_SPEECH, "text-to-speech", workloads::speech);
    openAi(router, Endpoint.CHAT_COMPLETIONS, "llm", request -> workloads.language(request, true));
    endpoints.serve(
        router,
        Endpoint.PROCESS,
        context ->
            handle(
                context,
                Workloads.BYOC,
                false,
                (request, profile) ->
                    Future.succeededFuture(
                        workloads.byoc(request, tables.current().affinity(profile.tenantId())))));
    endpoints.serve(router, Endpoint.PUSH_SEGMENT, this::segment);
    endpoints.serve(router, Endpoint.PUT_SEGMENT, this::segment);
    endpoints.serve(router, Endpoint.MEDIA, this::media);
  }

  private interface Reads {
    Future<ParsedRequest> read(Upload request);
  }

  private void picture(Router router, Endpoint endpoint) {
    String capability = endpoint.path().substring(1);
    job(router, endpoint, capability, request -> workloads.pictureIn(request, capability));
  }

  private void job(Router router, Endpoint endpoint, String capability, Reads reads) {
    endpoints.serve(
        router,
        endpoint,
        context -> handle(context, capability, false, (request, profile) -> reads.read(request)));
  }

  private void openAi(Router router, Endpoint endpoint, String capability, Reads reads) {
    endpoints.serve(
        router,
        endpoint,
        context -> handle(context, capability, true, (request, profile) -> reads.read(request)));
  }

  private void segment(RoutingContext context) {
    handle(
        context,
        "transcoding",
        false,
        (request, profile) -> {
          String stream = context.pathParam("stream");
          if (!stream.matches(STREAM_NAME)) {
            throw Refusal.invalid("The stream's name must match " + STREAM_NAME + ".").raise();
          }
          return workloads.segment(request, profile.tenantId(), stream, context.pathParam("file"));
        });
  }

  private void handle(
      RoutingContext context,
      String capability,
      boolean openAi,
      BiFunction<Upload, KeyProfile, Future<ParsedRequest>> read) {
    Instant opened = clock.instant();
    ContextInternal loop = (ContextInternal) around.vertx().getOrCreateContext();
    context.request().pause();
    Future<KeyProfile> known = profiles.of(context.request());
    ParsedRequest[] understood = new ParsedRequest[1];
    known
        .compose(
            profile ->
                admittance
                    .mayBegin(profile, capability)
                    .compose(concurrent -> read(context, profile, concurrent, read))
                    .compose(
                        ask -> {
                          understood[0] = ask;
                          return admittance
                              .place(profile, ask.capability(), ask.model(), ask.sticky())
                              .compose(
                                  placed -> start(loop, context, profile, ask, placed, opened));
                        }))
        .onFailure(
            failure -> {
              if (understood[0] != null) {
                understood[0].over().run();
              }
              if (known.succeeded() && failure instanceof Refusal.RefusedException refused) {
                log(context, known.result(), understood[0], opened, refused.refusal());
              }
              Answers.fail(context, failure, openAi);
            });
  }

  /** Reads the request; meanwhile it takes one of the key's slots. */
  private Future<ParsedRequest> read(
      RoutingContext context,
      KeyProfile profile,
      long concurrent,
      BiFunction<Upload, KeyProfile, Future<ParsedRequest>> read) {
    uploads.enter(profile.keyId(), concurrent);
    Future<ParsedRequest> ask;
    try {
      ask = read.apply(uploads.of(context, profile.tenantId()), profile);
    } catch (RuntimeException refused) {
      ask = Future.failedFuture(refused);
    }
    return ask.onComplete(done -> uploads.leave(profile.keyId()));
  }

  /** A job that was refused before it had a hold. */
  private void log(
      RoutingContext context,
      KeyProfile profile,
      ParsedRequest ask,
      Instant opened,
      Refusal refusal) {
    around.log().log(
        new RequestLogged(
            Edge.requestId(context),
            opened,
            profile.tenantId(),
            profile.keyId(),
            ask == null ? "" : ask.capability(),
            ask == null ? "" : PlainText.shown(ask.model().orElse(""), 200),
            refusal.status(),
            Optional.of(refusal.code()),
            Optional.empty(),
            Optional.empty(),
            Units.NONE,
            NanoUsd.ZERO,
            clock.millis() - opened.toEpochMilli(),
            0));
  }

  /**
   * What was asked of a store or a neighbour comes back on another loop; the job runs on its own.
   */
  private Future<Void> start(
      ContextInternal loop,
      RoutingContext context,
      KeyProfile profile,
      ParsedRequest ask,
      JobAuthorization.Placed placed,
      Instant opened) {
    Job job = ask.job().apply(placed.model());
    List<Body> parts = job.parts(imagesPerJob(placed.routes()));
    around.shedding().enter(tables.current().tiersAbove(placed.tier()));
    Future<JobAuthorization.Granted> admitted;
    try {
      admitted =
          admittance.admit(
              profile,
              placed,
              ask.capability(),
              Edge.requestId(context) + "-0",
              job.expected()
                  .orElseGet(() -> around.learned().hold(ask.capability(), placed.model(), job)),
              job.estimate(),
              ReservationRequest.Counts.JOB,
              HOLD,
              context.response().headers(),
              ask.openAi());
    } catch (RuntimeException refused) {
      around.shedding().leave();
      throw refused;
    }
    Promise<Void> started = Promise.promise();
    admitted
        .compose(granted -> announce(ask, placed).map(granted))
        .onSuccess(
            granted ->
                loop.emit(
                    granted,
                    mine ->
                        Future.<Void>future(
                                running -> {
                                  new Exchange(
                                          around, context, profile, ask, job, parts, placed, mine,
                                          opened)
                                      .run();
                                  running.complete();
                                })
                            .onComplete(started)))
        .onFailure(
            refused -> {
              around.shedding().leave();
              started.fail(refused);
            });
    return started.future();
  }

  /** Of all gateways that may have it. */
  private static int imagesPerJob(List<Route> routes) {
    return routes.stream().mapToInt(route -> route.pool().imagesPerJob()).min().orElse(1);
  }

  /** A gateway asks about streams that are pushed to it: the router says which it sent. */
  private Future<Void> announce(ParsedRequest ask, JobAuthorization.Placed placed) {
    if (ask.sticky().isEmpty()) {
      return Future.succeededFuture();
    }
    List<Future<Void>> noted =
        placed.routes().stream()
            .limit(2)
            .map(route -> pushes.admit(route.gateway().name(), ask.sticky().get()))
            .toList();
    // If it cannot be noted, the gateway refuses the segment and nothing is billed.
    return Future.join(noted).<Void>mapEmpty().otherwiseEmpty();
  }

  // --- media ---

  private void media(RoutingContext context) {
    String path = context.request().path();
    Gateway gateway = tables.current().gateway(MediaUrls.gateway(path)).orElse(null);
    if (gateway == null) {
      Answers.refuse(context, Refusal.notFound("media file"), false);
      return;
    }
    HttpServerResponse response = context.response();
    around
        .gateways()
        .mediaClient()
        .request(
            new RequestOptions()
                .setHost(gateway.url().getHost())
                .setPort(gateway.port())
                .setSsl(gateway.isTls())
                .setMethod(HttpMethod.GET)
                .setTimeout(around.config().idleTimeout().toMillis())
                .setURI(MediaUrls.upstream(path)))
        .compose(
            request -> {
              response.closeHandler(gone -> request.reset());
              return request.send();
            })
        .onSuccess(
            from -> {
              if (from.statusCode() != 200) {
                from.request().reset();
                Answers.refuse(context, Refusal.notFound("media file"), false);
                return;
              }
              String type = from.getHeader("Content-Type");
              String length = from.getHeader("Content-Length");
              if (type != null) {
                response.putHeader("Content-Type", type);
              }
              if (length != null) {
                response.putHeader("Content-Length", length);
              } else {
                response.setChunked(true);
              }
              response.putHeader("X-Content-Type-Options", "nosniff");
              from.pipe()
                  .endOnFailure(false)
                  .to(response)
                  .onFailure(broken -> Answers.cutShort(context));
            })
        .onFailure(
            failure ->
                Answers.refuse(
                    context,
                    Refusal.unavailable("The gateway that has this file cannot be reached."),
                    false));
  }
}
