package io.naap.router.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.keyprofile.KeyProfiles;
import io.naap.router.pricing.TenantPlans;
import io.naap.router.proxy.Admittance;
import io.naap.router.proxy.Answers;
import io.naap.router.proxy.Bodies;
import io.naap.router.proxy.Gateways;
import io.naap.router.proxy.PushedStreams;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingTables;
import io.naap.router.usage.Usage;
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
  private static final String CAPABILITY = "live-video-to-video";
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
  private final Usage usage;
  private final Gateways gateways;
  private final ObjectMapper json;
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
      Usage usage,
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
    this.usage = usage;
    this.gateways = gateways;
    this.json = json;
    this.ids = ids;
    this.clock = clock;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(config.sweepEvery().toMillis(), timer -> sweep());
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
    String type = context.request().getHeader("Content-Type");
    profiles
        .of(context.request())
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
        .onFailure(failure -> Answers.fail(context, failure, false));
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
            session -> {
              String uri =
                  "/live/video-to-video/"
                      + session.streamId()
                      + "/whip?streamId="
                      + session.streamId()
                      + "&pipeline="
                      + encoded(session.model())
                      + (params == null ? "" : "&params=" + encoded(params));
              return ask(session.gateway(), HttpMethod.POST, uri, "application/sdp", sdp)
                  .recover(
                      failure ->
                          failed(
                              session,
                              503,
                              "gateway_unreachable",
                              "The gateway cannot be reached; try again."))
                  .compose(
                      answer ->
                          answer.status == 201
                              ? Future.succeededFuture(answer)
                              : failed(
                                  session,
                                  502,
                                  "gateway_failed",
                                  "The gateway did not take the stream; try again."))
                  .compose(answer -> answerOffer(context, session, answer));
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

  /** A stream that never began: it is recorded as failed, and its hold goes back. */
  private Future<Answer> failed(LiveSession session, int status, String code, String detail) {
    return sessions
        .end(session.streamId(), true)
        .otherwiseEmpty()
        .compose(ended -> record(session, 0, Units.NONE, status, "failed"))
        .compose(
            recorded ->
                Future.failedFuture(
                    new Refusal(
                            status,
                            code,
                            detail,
                            null,
                            status == 503 ? Optional.of(1L) : Optional.empty())
                        .raise()));
  }

  private Future<LiveSession> begin(
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
                        units(config.stretch().toMillis(), 0),
                        true,
                        HOLD,
                        headers,
                        false)
                    .compose(
                        granted -> {
                          Route route = given.orElse(placed.routes().getFirst());
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
                          return sessions.save(session).map(session);
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
                    .compose(asked -> end(session, false)))
        .onSuccess(ended -> context.response().setStatusCode(200).end())
        .onFailure(failure -> Answers.fail(context, failure, false));
  }

  private void control(RoutingContext context) {
    context.request().pause();
    boolean update = context.request().method().equals(HttpMethod.POST);
    owned(context)
        .compose(
            session ->
                Bodies.whole(context.request(), MAX_BODY)
                    .compose(
                        body ->
                            ask(
                                session.gateway(),
                                context.request().method(),
                                "/live/video-to-video/"
                                    + session.streamId()
                                    + (update ? "/update" : "/status"),
                                update ? "application/json" : null,
                                update ? body : null)))
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
        .compose(session -> sessions.beat(session.streamId()).map(session));
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

  private Future<Optional<String>> goOn(LiveSession session, LiveSessions.Step.Stretch stretch) {
    int next = stretch.sequence() + 1;
    Admittance.Placed placed =
        new Admittance.Placed(session.plan(), session.tier(), session.model(), List.of());
    return admittance
        .admit(
            session.profile(),
            placed,
            CAPABILITY,
            session.requestId() + "-" + next,
            units(config.stretch().toMillis(), next),
            false,
            HOLD,
            MultiMap.caseInsensitiveMultiMap(),
            false)
        .map(Optional::of)
        .recover(
            refused -> {
              // Only a refusal ends a stream; our own shortness of breath does not.
              if (refused instanceof Refusal.RefusedException known
                  && known.refusal().status() < 500) {
                LOG.infof("live stream ends: %s", known.refusal().code());
                return Future.succeededFuture(Optional.empty());
              }
              return Future.succeededFuture(Optional.of(new Admittance.Granted(null)));
            })
        .compose(
            granted ->
                bill(session, stretch)
                    .compose(
                        billed ->
                            granted.isPresent()
                                ? Future.succeededFuture(Optional.<String>empty())
                                : sessions
                                    .end(session.streamId(), true)
                                    .map(ended -> Optional.of(session.streamId()))));
  }

  private Future<Void> bill(LiveSession session, LiveSessions.Step.Stretch stretch) {
    long millis = Math.max(0, stretch.untilMillis() - stretch.sinceMillis());
    Units units = units(millis, stretch.sequence());
    return record(
        session,
        stretch.sequence(),
        millis == 0 ? Units.NONE : units,
        200,
        millis == 0 ? "failed" : "succeeded");
  }

  private Future<Void> end(LiveSession session, boolean silent) {
    return sessions
        .end(session.streamId(), silent)
        .compose(
            step ->
                step instanceof LiveSessions.Step.Stretch stretch
                    ? bill(session, stretch)
                    : Future.succeededFuture());
  }

  private void sweep() {
    sessions
        .silent(config.sessionTimeout().toMillis())
        .onSuccess(
            names ->
                names.forEach(
                    name ->
                        sessions
                            .find(name)
                            .onSuccess(found -> found.ifPresent(session -> end(session, true)))));
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

  // --- shared ---

  /** A stream is one request, counted with its first stretch. */
  private static Units units(long millis, int sequence) {
    Units units = Units.of(Unit.MILLISECONDS, millis);
    return sequence == 0 ? units.with(Unit.REQUESTS, 1) : units;
  }

  private Future<Void> record(
      LiveSession session, int sequence, Units units, int status, String outcome) {
    Instant now = clock.instant();
    NanoUsd cost =
        units.amounts().isEmpty()
            ? NanoUsd.ZERO
            : TenantPlans.cost(session.plan(), CAPABILITY, session.model(), units);
    String eventId = session.requestId() + "-" + sequence;
    return admittance
        .held(session.profile(), session.plan(), eventId)
        .compose(
            hold ->
                usage.record(
                    hold.orElse(null),
                    (instance, position) ->
                        new UsageRecorded(
                            eventId,
                            session.requestId(),
                            sequence,
                            instance,
                            position,
                            session.opened(),
                            now,
                            session.profile().tenantId(),
                            session.profile().keyId(),
                            session.profile().tags(),
                            CAPABILITY,
                            session.model(),
                            session.tier(),
                            session.pool(),
                            session.gateway(),
                            status,
                            outcome,
                            units,
                            session.plan().plan().reference(),
                            session.fundingId(),
                            cost,
                            now.toEpochMilli() - session.opened().toEpochMilli())));
  }

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
