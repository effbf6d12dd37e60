package io.naap.router.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.keyprofile.KeyProfiles;
import io.naap.router.proxy.Admittance;
import io.naap.router.proxy.Answers;
import io.naap.router.proxy.Bodies;
import io.naap.router.proxy.Gateways;
import io.naap.router.proxy.PushedStreams;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.Outliers;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingTables;
import io.naap.router.usage.RequestLog;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Live AI: a stream is admitted when it is offered (WHIP) or when the gateway asks (other ingest),
 * metered stretch by stretch at the gateway's heartbeats, each with the next stretch's hold taken
 * first, and ended through the heartbeat's answer when a hold is refused.
 */
@Singleton
public class LiveRoutes {
  private static final Logger LOG = Logger.getLogger(LiveRoutes.class);
  private static final String CAPABILITY = LiveBilling.CAPABILITY;
  private static final Duration HOLD = Duration.ofSeconds(90);
  private static final long MAX_BODY = 65_536;
  private static final int MAX_IDS = 10_000;

  private final Endpoints endpoints;
  private final KeyProfiles profiles;
  private final Admittance admittance;
  private final RoutingTables tables;
  private final LiveSessions sessions;
  private final PushedStreams pushes;
  private final LiveConfig config;
  private final LiveBilling billing;
  private final RunningKeys keys;
  private final Outliers outliers;
  private final RequestLog log;
  private final Gateways gateways;
  private final ObjectMapper json;
  private volatile boolean stopped;
  private final Ids ids;
  private final Clock clock;
  private final Vertx vertx;

  LiveRoutes(
      Endpoints endpoints,
      KeyProfiles profiles,
      Admittance admittance,
      RoutingTables tables,
      LiveSessions sessions,
      PushedStreams pushes,
      LiveConfig config,
      LiveBilling billing,
      RunningKeys keys,
      Outliers outliers,
      RequestLog log,
      Gateways gateways,
      ObjectMapper json,
      Ids ids,
      Clock clock,
      Vertx vertx) {
    this.endpoints = endpoints;
    this.profiles = profiles;
    this.admittance = admittance;
    this.tables = tables;
    this.sessions = sessions;
    this.pushes = pushes;
    this.config = config;
    this.billing = billing;
    this.keys = keys;
    this.outliers = outliers;
    this.log = log;
    this.gateways = gateways;
    this.json = json;
    this.ids = ids;
    this.clock = clock;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(config.sweepEvery().toMillis(), timer -> sweep());
  }

  void stop(@Observes ShutdownEvent ending) {
    stopped = true;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.WHIP, this::offer);
    endpoints.serve(router, Endpoint.WHIP_END, this::stop);
    endpoints.serve(router, Endpoint.LIVE_STATUS, this::control);
    endpoints.serve(router, Endpoint.LIVE_UPDATE, this::control);
    endpoints.serve(router, Endpoint.LIVE_AUTH, this::liveAuth);
    endpoints.serve(router, Endpoint.LIVE_HEARTBEAT, this::heartbeat);
    endpoints.serve(router, Endpoint.PUSH_AUTH, this::pushAuth);
  }

  // --- the customer's side ---

  private void offer(RoutingContext context) {
    context.request().pause();
    Instant opened = clock.instant();
    String type = context.request().getHeader("Content-Type");
    Future<KeyProfile> known = profiles.of(context.request());
    known
        .compose(
            profile -> {
              if (type == null || !type.startsWith("application/sdp")) {
                throw Refusal.of(
                        415, "unsupported_media_type", "Send the offer as application/sdp.")
                    .raise();
              }
              return Bodies.whole(context.request(), MAX_BODY)
                  .compose(sdp -> open(context, profile, sdp));
            })
        .onFailure(
            failure -> {
              if (known.succeeded()
                  && failure instanceof Refusal.RefusedException refused
                  && refused.refusal().status() < 502) {
                logRefused(context, known.result(), opened, refused.refusal());
              }
              Answers.fail(context, failure, false);
            });
  }

  /** An offer that was refused before there was a session; those that failed later are logged. */
  private void logRefused(
      RoutingContext context, KeyProfile profile, Instant opened, Refusal refusal) {
    log.log(
        new RequestLogged(
            Edge.requestId(context),
            opened,
            profile.tenantId(),
            profile.keyId(),
            CAPABILITY,
            Optional.ofNullable(context.request().getParam("pipeline")).orElse(""),
            refusal.status(),
            Optional.of(refusal.code()),
            Optional.empty(),
            Optional.empty(),
            Units.NONE,
            NanoUsd.ZERO,
            clock.millis() - opened.toEpochMilli(),
            0));
  }

  private Future<Void> open(RoutingContext context, KeyProfile profile, Buffer sdp) {
    Optional<String> model =
        Optional.ofNullable(context.request().getParam("pipeline")).filter(m -> !m.isBlank());
    if (sdp.length() == 0) {
      throw Refusal.invalid("The offer is empty.").raise();
    }
    String params = context.request().getParam("params");
    return begin(
            profile, model, Edge.requestId(context), context.response().headers(), Optional.empty())
        .compose(
            begun -> {
              String uri =
                  "/live/video-to-video/"
                      + begun.session.streamId()
                      + "/whip?streamId="
                      + begun.session.streamId()
                      + "&pipeline="
                      + encoded(begun.session.model())
                      + (params == null ? "" : "&params=" + encoded(params))
                      + tables
                          .current()
                          .affinity(profile.tenantId())
                          .orchestrator()
                          .map(part -> "&orchestrator=" + encoded(part))
                          .orElse("");
              return offerTo(begun, 0, uri, sdp);
            })
        .compose(taken -> answerOffer(context, taken.session, taken.answer));
  }

  /** A session, and the gateways that may have it. */
  private record Begun(LiveSession session, List<Route> routes) {}

  private record Taken(LiveSession session, Answer answer) {}

  /** Nothing was sent to a gateway that cannot be reached, so the next one may have the stream. */
  private Future<Taken> offerTo(Begun begun, int at, String uri, Buffer sdp) {
    LiveSession session = begun.session;
    Route route = begun.routes.get(at);
    return ask(session.gateway(), HttpMethod.POST, uri, "application/sdp", sdp)
        .transform(
            asked -> {
              if (asked.succeeded() && asked.result().status == 201) {
                outliers.succeeded(route);
                return Future.succeededFuture(new Taken(session, asked.result()));
              }
              outliers.failed(route, asked.succeeded() ? "status" : "connect");
              if (asked.succeeded()) {
                return failed(
                    session,
                    Refusal.of(
                        502, "gateway_failed", "The gateway did not take the stream; try again."));
              }
              if (asked.cause() instanceof ConnectException && at + 1 < begun.routes.size()) {
                Route next = begun.routes.get(at + 1);
                LiveSession moved = session.at(next.pool().name(), next.gateway().name());
                return sessions
                    .save(moved)
                    .compose(saved -> offerTo(new Begun(moved, begun.routes), at + 1, uri, sdp));
              }
              return failed(
                  session,
                  new Refusal(
                      503,
                      "gateway_unreachable",
                      "The gateway cannot be reached; try again.",
                      null,
                      Optional.of(1L)));
            });
  }

  private Future<Void> answerOffer(RoutingContext context, LiveSession session, Answer answer) {
    String location = answer.headers.get("Location");
    return sessions
        .locate(session.streamId(), location == null ? "" : location)
        .onSuccess(
            saved -> {
              MultiMap headers = context.response().headers();
              for (String name : List.of("ETag", "Livepeer-Playback-URL", "Content-Type", "Link")) {
                if (answer.headers.contains(name)) {
                  headers.set(name, answer.headers.get(name));
                }
              }
              headers.set("Location", "/live/video-to-video/" + session.streamId() + "/whip");
              headers.set("x-naap-stream-id", session.streamId());
              headers.set(
                  "x-naap-route",
                  "pool="
                      + session.pool()
                      + ", gateway="
                      + session.gateway()
                      + ", tier="
                      + session.tier());
              context.response().setStatusCode(201).end(answer.body);
            });
  }

  /** The gateway did not take it. */
  private Future<Taken> failed(LiveSession session, Refusal refusal) {
    return billing
        .failed(session, Ending.cut(clock.instant(), refusal))
        .compose(recorded -> Future.failedFuture(refusal.raise()));
  }

  private Future<Begun> begin(
      KeyProfile profile,
      Optional<String> model,
      String requestId,
      MultiMap headers,
      Optional<Route> given) {
    String streamId = ids.next(IdKind.STREAM);
    Instant opened = clock.instant();
    return admittance
        .place(profile, CAPABILITY, model, Optional.empty())
        .compose(
            placed ->
                admittance
                    .admit(
                        profile,
                        placed,
                        CAPABILITY,
                        requestId + "-0",
                        LiveBilling.units(config.stretch().toMillis(), 0),
                        true,
                        HOLD,
                        headers,
                        false)
                    .compose(
                        granted -> {
                          List<Route> routes = given.map(List::of).orElse(placed.routes());
                          Route route = routes.getFirst();
                          LiveSession session =
                              new LiveSession(
                                  streamId,
                                  requestId,
                                  profile,
                                  placed.plan(),
                                  placed.tier(),
                                  placed.model(),
                                  route.pool().name(),
                                  route.gateway().name(),
                                  opened,
                                  granted.hold().fundingId());
                          return sessions.save(session).map(new Begun(session, routes));
                        }));
  }

  private void stop(RoutingContext context) {
    context.request().pause();
    owned(context)
        .compose(
            session ->
                sessions
                    .location(session.streamId())
                    .compose(
                        location -> {
                          String path = location.filter(known -> known.startsWith("/")).orElse("");
                          return path.isEmpty()
                              ? Future.<Void>succeededFuture()
                              : ask(session.gateway(), HttpMethod.DELETE, path, null, null)
                                  .<Void>mapEmpty()
                                  .otherwiseEmpty();
                        })
                    .compose(asked -> billing.end(session, false, Ending.stopped(clock.instant()))))
        .onSuccess(ended -> context.response().setStatusCode(200).end())
        .onFailure(failure -> Answers.fail(context, failure, false));
  }

  private void control(RoutingContext context) {
    context.request().pause();
    boolean update = context.request().method().equals(HttpMethod.POST);
    owned(context)
        .compose(
            session ->
                sessions
                    .ending(session.streamId())
                    .compose(
                        ending ->
                            ending.isEmpty()
                                ? forward(context, session, update)
                                : ended(ending.get(), update)))
        .onSuccess(
            answer -> {
              if (answer.status / 100 != 2) {
                Answers.refuse(
                    context,
                    answer.status == 404
                        ? Refusal.notFound("running stream")
                        : Refusal.of(502, "gateway_failed", "The gateway refused; try again."),
                    false);
                return;
              }
              context
                  .response()
                  .setStatusCode(answer.status)
                  .putHeader("Content-Type", "application/json")
                  .end(answer.body);
            })
        .onFailure(failure -> Answers.fail(context, failure, false));
  }

  /** A stream that ended tells its owner why, for as long as it is remembered. */
  private Future<Answer> ended(Ending ending, boolean update) {
    if (update) {
      throw Refusal.of(409, "stream_ended", "The stream has ended: " + ending.detail()).raise();
    }
    return Future.succeededFuture(
        new Answer(200, MultiMap.caseInsensitiveMultiMap(), Buffer.buffer(status(ending))));
  }

  private String status(Ending ending) {
    ObjectNode status =
        json.createObjectNode()
            .put("type", "status")
            .put("state", "ended")
            .put("ended_at", ending.at().toString());
    status
        .putObject("reason")
        .put("status", ending.status())
        .put("code", ending.code())
        .put("detail", ending.detail());
    return status.toString();
  }

  private Future<Answer> forward(RoutingContext context, LiveSession session, boolean update) {
    return Bodies.whole(context.request(), MAX_BODY)
        .compose(
            body ->
                ask(
                    session.gateway(),
                    context.request().method(),
                    "/live/video-to-video/" + session.streamId() + (update ? "/update" : "/status"),
                    update ? "application/json" : null,
                    update ? body : null));
  }

  /** Another tenant's stream is no stream. */
  private Future<LiveSession> owned(RoutingContext context) {
    String streamId = context.pathParam("stream");
    return profiles
        .of(context.request())
        .compose(
            profile ->
                (IdKind.STREAM.matches(streamId)
                        ? sessions.find(streamId)
                        : Future.succeededFuture(Optional.<LiveSession>empty()))
                    .map(
                        found ->
                            found
                                .filter(
                                    session ->
                                        session.profile().tenantId().equals(profile.tenantId()))
                                .orElseThrow(() -> Refusal.notFound("stream").raise())));
  }

  // --- the gateway's side ---

  private Future<Route> gateway(RoutingContext context) {
    return tables
        .current()
        .ofHookSecret(context.pathParam("secret"))
        .map(Future::succeededFuture)
        .orElseGet(() -> Future.failedFuture(Refusal.notFound("hook").raise()));
  }

  private Future<JsonNode> body(RoutingContext context) {
    return Bodies.whole(context.request(), 1 << 20)
        .map(
            bytes -> {
              try {
                return json.readTree(bytes.getBytes());
              } catch (IOException unreadable) {
                throw Refusal.of(400, "malformed_json", "The body is not valid JSON.").raise();
              }
            });
  }

  private void liveAuth(RoutingContext context) {
    context.request().pause();
    gateway(context)
        .compose(route -> body(context).compose(asked -> authorise(context, route, asked)))
        .onSuccess(
            session -> {
              ObjectNode answer =
                  json.createObjectNode()
                      .put("stream_id", session.streamId())
                      .put("pipeline", session.model());
              context
                  .response()
                  .putHeader("Content-Type", "application/json")
                  .end(answer.toString());
            })
        .onFailure(failure -> Answers.fail(context, failure, false));
  }

  private Future<LiveSession> authorise(RoutingContext context, Route route, JsonNode asked) {
    String named = parameter(asked.path("query_params").asText(""), "streamId");
    String stream = IdKind.STREAM.matches(named) ? named : asked.path("stream").asText("");
    if (IdKind.STREAM.matches(stream)) {
      return sessions
          .find(stream)
          .map(
              found ->
                  found
                      .filter(session -> session.gateway().equals(route.gateway().name()))
                      .orElseThrow(
                          () -> Refusal.of(403, "unknown_stream", "Not admitted.").raise()))
          .compose(
              session ->
                  sessions
                      .beat(session.streamId())
                      .map(
                          step -> {
                            if (step instanceof LiveSessions.Step.Gone) {
                              throw Refusal.of(403, "unknown_stream", "Ended.").raise();
                            }
                            return session;
                          }));
    }
    // Ingest that did not come through us carries its API key as the stream key.
    String key = asked.path("stream_key").asText("");
    return profiles
        .of(key.isEmpty() ? asked.path("stream").asText("") : key)
        .compose(
            profile ->
                begin(
                    profile,
                    Optional.ofNullable(
                        parameter(asked.path("query_params").asText(""), "pipeline")),
                    Edge.requestId(context),
                    context.response().headers(),
                    Optional.of(route)))
        .compose(begun -> sessions.beat(begun.session.streamId()).map(begun.session));
  }

  private static String parameter(String query, String name) {
    for (String pair : query.split("[?&]", -1)) {
      if (pair.startsWith(name + "=")) {
        return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  private void heartbeat(RoutingContext context) {
    context.request().pause();
    gateway(context)
        .compose(
            route ->
                body(context)
                    .compose(
                        beats -> {
                          if (!beats.path("ids").isArray() || beats.path("ids").size() > MAX_IDS) {
                            throw Refusal.invalid("ids must be a list.").raise();
                          }
                          List<Future<Optional<String>>> ends = new ArrayList<>();
                          beats
                              .path("ids")
                              .forEach(id -> ends.add(beat(route.gateway(), id.asText(""))));
                          return Future.join(ends).map(ends);
                        }))
        .onSuccess(
            ends -> {
              ObjectNode answer = json.createObjectNode();
              ArrayNode terminated = answer.putArray("terminatedStreamIds");
              ends.forEach(end -> end.result().ifPresent(terminated::add));
              context
                  .response()
                  .putHeader("Content-Type", "application/json")
                  .end(answer.toString());
            })
        .onFailure(failure -> Answers.fail(context, failure, false));
  }

  /** The stream's id when it must end. Never fails: one stream's trouble is not the others'. */
  private Future<Optional<String>> beat(Gateway gateway, String streamId) {
    if (!IdKind.STREAM.matches(streamId)) {
      return Future.succeededFuture(Optional.of(streamId));
    }
    return sessions
        .find(streamId)
        .compose(
            found -> {
              if (found.isEmpty() || !found.get().gateway().equals(gateway.name())) {
                return Future.succeededFuture(Optional.of(streamId));
              }
              LiveSession session = found.get();
              return sessions
                  .beat(streamId)
                  .compose(
                      step ->
                          switch (step) {
                            case LiveSessions.Step.Gone gone ->
                                Future.succeededFuture(Optional.of(streamId));
                            case LiveSessions.Step.Nothing nothing ->
                                Future.succeededFuture(Optional.<String>empty());
                            case LiveSessions.Step.Stretch stretch -> goOn(session, stretch);
                          });
            })
        .recover(
            failure -> {
              // Without Redis nothing is known; the stream's hold covers it until we know more.
              LOG.debugf(failure, "heartbeat not counted");
              return Future.succeededFuture(Optional.<String>empty());
            });
  }

  /**
   * Bills a stretch, and takes the next one's hold if everything still allows it: the key, the
   * tenant's standing, its limits and its money. Gives the stream's id when it must end.
   */
  private Future<Optional<String>> goOn(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return renewed(session, stretch.sequence() + 1)
        .compose(
            refusal ->
                billing
                    .bill(session, stretch)
                    .compose(
                        billed ->
                            refusal.isEmpty()
                                ? Future.succeededFuture(Optional.<String>empty())
                                : billing
                                    .cut(session, Ending.cut(clock.instant(), refusal.get()))
                                    .map(ended -> Optional.of(session.streamId()))));
  }

  /** Why the stream may not go on; empty when it may. */
  private Future<Optional<Refusal>> renewed(LiveSession session, int next) {
    Admittance.Placed placed =
        new Admittance.Placed(session.plan(), session.tier(), session.model(), List.of());
    return keys.current(session.profile())
        .compose(
            profile ->
                admittance
                    .stillPlaced(profile, CAPABILITY, session.model())
                    .compose(
                        good ->
                            admittance.admit(
                                profile,
                                placed,
                                CAPABILITY,
                                session.requestId() + "-" + next,
                                LiveBilling.units(config.stretch().toMillis(), next),
                                false,
                                HOLD,
                                MultiMap.caseInsensitiveMultiMap(),
                                false)))
        .map(granted -> Optional.<Refusal>empty())
        .recover(
            refused -> {
              // Only a refusal ends a stream; our own shortness of breath does not.
              if (refused instanceof Refusal.RefusedException known
                  && known.refusal().status() < 500) {
                LOG.infof(
                    "live stream ends, stream=%s, code=%s",
                    session.streamId(), known.refusal().code());
                return Future.succeededFuture(Optional.of(known.refusal()));
              }
              return Future.succeededFuture(Optional.empty());
            });
  }

  private void sweep() {
    if (stopped) {
      return;
    }
    sessions
        .silent(config.sessionTimeout().toMillis())
        .onSuccess(
            names ->
                names.forEach(
                    name ->
                        sessions
                            .find(name)
                            .onSuccess(
                                found ->
                                    found.ifPresent(
                                        session ->
                                            billing.end(
                                                session, true, Ending.silent(clock.instant()))))));
  }

  /**
   * Push ingest is admitted when this router sent it to that gateway; anything else is not let in.
   */
  private void pushAuth(RoutingContext context) {
    context.request().pause();
    gateway(context)
        .compose(
            route ->
                body(context)
                    .compose(
                        asked -> {
                          String url = asked.path("url").asText("");
                          int at = url.indexOf("/live/");
                          String name = at < 0 ? "" : url.substring(at + 6).split("[/?]", 2)[0];
                          return pushes
                              .isAdmitted(route.gateway().name(), name)
                              .map(
                                  admitted -> {
                                    if (!admitted) {
                                      throw Refusal.of(403, "unknown_stream", "Not admitted.")
                                          .raise();
                                    }
                                    return json.createObjectNode().put("manifestID", name);
                                  });
                        }))
        .onSuccess(
            answer ->
                context
                    .response()
                    .putHeader("Content-Type", "application/json")
                    .end(answer.toString()))
        .onFailure(failure -> Answers.fail(context, failure, false));
  }

  // --- the gateway's answers ---

  private record Answer(int status, MultiMap headers, Buffer body) {}

  private Future<Answer> ask(
      String gatewayName, HttpMethod method, String uri, String type, Buffer body) {
    Optional<Gateway> gateway = tables.current().gateway(gatewayName);
    if (gateway.isEmpty()) {
      return Future.failedFuture(Refusal.unavailable("The stream's gateway is gone.").raise());
    }
    return gateways
        .client()
        .request(
            new RequestOptions()
                .setHost(gateway.get().url().getHost())
                .setPort(gateway.get().port())
                .setSsl(gateway.get().isTls())
                .setMethod(method)
                .setTimeout(30_000)
                .setURI(uri))
        .compose(
            request -> {
              if (type != null) {
                request.putHeader("Content-Type", type);
              }
              return body == null ? request.send() : request.send(body);
            })
        .compose(LiveRoutes::read);
  }

  private static Future<Answer> read(HttpClientResponse from) {
    return from.body().map(body -> new Answer(from.statusCode(), from.headers(), body));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
