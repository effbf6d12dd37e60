package io.naap.router.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Upload;
import io.naap.router.http.Uploads;
import io.naap.router.http.Responses;
import io.naap.router.routing.RoutingConfig;
import io.naap.router.routing.RoutingTables;
import io.naap.router.workload.ByocHeader;
import io.naap.router.workload.ByocHeaderReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Streams of BYOC containers (go-livepeer byoc/stream_gateway.go): started with the {@code
 * Livepeer} header, billed by the second until they are stopped or their gateway does not have them
 * any more. No heartbeat tells of them: {@link ProcessWatch} looks.
 */
@Singleton
public class ProcessRoutes {
  private static final long MAX_BODY = 4 << 20;
  private static final long MAX_SDP = 65_536;

  /** For the name of an output's host. */
  private static final long NAME_MILLIS = 5_000;

  private final Endpoints endpoints;
  private final ByocHeaderReader headers;
  private final Uploads uploads;
  private final LiveStreams streams;
  private final ProcessWatch watch;
  private final LiveSessions sessions;
  private final Controls controls;
  private final GatewayCalls gateways;
  private final RoutingTables tables;
  private final RoutingConfig routing;
  private final LiveConfig config;
  private final ObjectMapper json;
  private final OutputTargets outputs;
  private final Vertx vertx;
  private final Map<String, Integer> listeners = new ConcurrentHashMap<>();

  ProcessRoutes(
      Endpoints endpoints,
      ByocHeaderReader headers,
      Uploads uploads,
      LiveStreams streams,
      ProcessWatch watch,
      LiveSessions sessions,
      Controls controls,
      GatewayCalls gateways,
      RoutingTables tables,
      RoutingConfig routing,
      LiveConfig config,
      ObjectMapper json,
      OutputTargets.Resolver names,
      Vertx vertx) {
    this.endpoints = endpoints;
    this.headers = headers;
    this.uploads = uploads;
    this.streams = streams;
    this.watch = watch;
    this.sessions = sessions;
    this.controls = controls;
    this.gateways = gateways;
    this.tables = tables;
    this.routing = routing;
    this.config = config;
    this.json = json;
    this.outputs = new OutputTargets(config.allowPrivateOutputs(), names);
    this.vertx = vertx;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.PROCESS_START, this::start);
    endpoints.serve(router, Endpoint.PROCESS_STATUS, this::status);
    endpoints.serve(router, Endpoint.PROCESS_UPDATE, this::update);
    endpoints.serve(router, Endpoint.PROCESS_STOP, this::stop);
    endpoints.serve(router, Endpoint.PROCESS_DATA, this::data);
    endpoints.serve(router, Endpoint.PROCESS_WHIP, context -> negotiate(context, "whip"));
    endpoints.serve(router, Endpoint.PROCESS_WHEP, context -> negotiate(context, "whep"));
  }

  // --- start ---

  private void start(RoutingContext context) {
    AtomicReference<String> capability = new AtomicReference<>("");
    controls.begin(
        context,
        ByocHeader.CAPABILITY,
        capability::get,
        profile -> {
          Upload upload = uploads.of(context, profile.tenantId());
          ByocHeader header =
              headers.read(
                  upload.getHeader("Livepeer"), tables.current().affinity(profile.tenantId()));
          capability.set(header.capability());
          return upload
              .json(MAX_BODY, this::wish)
              .compose(
                  asked -> {
                    ProcessStart wish = ProcessStart.read(asked);
                    return checked(wish)
                        .compose(output -> open(context, profile, header, wish, output));
                  });
        });
  }

  private ObjectNode wish(Buffer body) {
    try {
      if (body.length() == 0) {
        return json.createObjectNode();
      }
      if (json.readTree(body.getBytes()) instanceof ObjectNode wish) {
        return wish;
      }
    } catch (IOException unreadable) {
      throw Refusal.of(400, "malformed_json", "The body is not valid JSON.").raise();
    }
    throw Refusal.invalid("The body must be a JSON object.").raise();
  }

  /** The output as a gateway may open it. Names are looked up away from the event loop. */
  private Future<Optional<String>> checked(ProcessStart wish) {
    if (wish.output().isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    String output = wish.output().get();
    return vertx
        .executeBlocking(() -> outputs.check(output), false)
        .timeout(NAME_MILLIS, TimeUnit.MILLISECONDS)
        .recover(
            late ->
                Future.succeededFuture(
                    new OutputTargets.Checked.Refused("rtmp_output: its host has no address.")))
        .map(
            checked ->
                switch (checked) {
                  case OutputTargets.Checked.Allowed allowed -> Optional.of(allowed.url());
                  case OutputTargets.Checked.Refused refused ->
                      throw Refusal.invalid(refused.reason()).raise();
                });
  }

  private Future<Void> open(
      RoutingContext context,
      KeyProfile profile,
      ByocHeader header,
      ProcessStart wish,
      Optional<String> output) {
    return streams
        .begin(
            profile,
            ByocHeader.CAPABILITY,
            Optional.of(header.capability()),
            Edge.requestId(context),
            context.response().headers(),
            Optional.empty())
        .compose(
            begun -> {
              // Our name of it is known to the gateway's webhook.
              ObjectNode told = wish.told(begun.session().streamId(), output);
              return streams.offer(
                  begun,
                  session ->
                      gateways
                          .ask(
                              session.gateway(),
                              HttpMethod.POST,
                              "/process/stream/start",
                              Map.of(
                                  "Livepeer", header.value(), "Content-Type", "application/json"),
                              Optional.of(Buffer.buffer(told.toString())))
                          .onFailure(
                              lost -> {
                                if (!(lost instanceof ConnectException)) {
                                  // It was asked, and may have it: so it calls it by both names.
                                  watch.abandon(session, session.streamId() + "-1");
                                }
                              }),
                  200);
            })
        .compose(taken -> opened(context, taken, wish));
  }

  private Future<Void> opened(RoutingContext context, LiveStreams.Taken taken, ProcessStart wish) {
    LiveSession session = taken.session();
    ObjectNode urls = object(taken.answer().body());
    String name = urls.path("stream_id").asText("");
    if (!name.matches("[A-Za-z0-9_.-]{1,300}")) {
      // It answers 200 for streams it does not take, too.
      return streams.notTaken(session).mapEmpty();
    }
    ObjectNode answer =
        StreamAnswers.started(
            urls,
            routing.publicUrl() + "/process/stream/" + session.streamId(),
            session.streamId(),
            wish.output());
    return sessions
        .locate(session.streamId(), name)
        .compose(saved -> watch.begin(session))
        // What nobody looks after must not run.
        .onFailure(lost -> watch.stop(session, name))
        .onSuccess(
            watched -> {
              if (context.response().closed()) {
                // Its client left, and was not told what to stop.
                var unused = watch.stop(session).compose(asked -> streams.end(session));
                return;
              }
              session.tell(context.response().headers());
              context
                  .response()
                  .putHeader("Content-Type", "application/json")
                  .end(answer.toString());
            });
  }

  private ObjectNode object(Buffer text) {
    try {
      JsonNode read = json.readTree(text.getBytes());
      return read instanceof ObjectNode object ? object : json.createObjectNode();
    } catch (IOException unreadable) {
      return json.createObjectNode();
    }
  }

  // --- while it runs ---

  private void status(RoutingContext context) {
    controls.status(
        context,
        session ->
            uri(session, "status")
                .compose(
                    uri ->
                        gateways.askOnce(
                            session.gateway(), HttpMethod.GET, uri, Map.of(), Optional.empty())),
        session -> routing.publicUrl() + "/process/stream/" + session.streamId() + "/whep");
  }

  private void update(RoutingContext context) {
    controls.update(
        context,
        session -> {
          Upload upload = uploads.of(context, session.profile().tenantId());
          ByocHeader header =
              headers.read(
                  upload.getHeader("Livepeer"),
                  tables.current().affinity(session.profile().tenantId()));
          if (!header.capability().equals(session.model())) {
            throw Refusal.invalid(
                    "The Livepeer header's capability must be the stream's, "
                        + session.model()
                        + ".")
                .raise();
          }
          return upload
              .json(MAX_BODY, text -> text)
              .compose(
                  body ->
                      uri(session, "update")
                          .compose(
                              uri ->
                                  gateways.askOnce(
                                      session.gateway(),
                                      HttpMethod.POST,
                                      uri,
                                      Map.of(
                                          "Livepeer",
                                          header.value(),
                                          "Content-Type",
                                          "application/json"),
                                      Optional.of(body))));
        });
  }

  private void stop(RoutingContext context) {
    controls
        .owned(context)
        .compose(session -> watch.stop(session).compose(asked -> streams.end(session)))
        .onSuccess(ended -> context.response().setStatusCode(200).end())
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  /** An offer of video (WHIP, RFC 9725), or to watch it (WHEP): SDP both ways. */
  private void negotiate(RoutingContext context, String last) {
    controls
        .running(context)
        .compose(
            session ->
                uploads
                    .of(context, session.profile().tenantId())
                    .whole(MAX_SDP)
                    .compose(
                        sdp ->
                            uri(session, last)
                                .compose(
                                    uri ->
                                        gateways.askOnce(
                                            session.gateway(),
                                            HttpMethod.POST,
                                            uri,
                                            Map.of("Content-Type", "application/sdp"),
                                            Optional.of(sdp))))
                    .onSuccess(
                        answer -> {
                          if (answer.status() / 100 != 2) {
                            Responses.refuse(context, Negotiation.refused(answer), false);
                            return;
                          }
                          HttpServerResponse response = context.response();
                          Negotiation.head(answer, response.headers());
                          response
                              .putHeader(
                                  "Location", "/process/stream/" + session.streamId() + "/" + last)
                              .setStatusCode(answer.status())
                              .end(answer.body());
                        }))
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  /**
   * Events for as long as the stream runs; the gateway ends them when it is stopped. Listening
   * takes no hold, so a stream has a few places for it: connections to gateways are everybody's.
   */
  private void data(RoutingContext context) {
    controls
        .running(context)
        .compose(
            session -> {
              enter(context, session.streamId());
              return uri(session, "data")
                  .compose(
                      uri ->
                          gateways.open(
                              session.gateway(),
                              HttpMethod.GET,
                              uri,
                              config.dataSilence().toMillis()));
            })
        .compose(
            request -> {
              context.addEndHandler(
                  ended -> {
                    if (ended.failed()) {
                      request.reset();
                    }
                  });
              return request.send();
            })
        .onSuccess(from -> pass(context, from))
        .onFailure(failure -> Responses.fail(context, unreachable(failure), false));
  }

  /** Takes a place, until the answer has ended or its client is gone. */
  private void enter(RoutingContext context, String streamId) {
    int now = listeners.merge(streamId, 1, Integer::sum);
    context.addEndHandler(
        ended -> listeners.computeIfPresent(streamId, (id, count) -> count > 1 ? count - 1 : null));
    if (now > config.dataListeners()) {
      throw Refusal.of(
              429,
              "too_many_listeners",
              "At most " + config.dataListeners() + " may listen to a stream at once.")
          .raise();
    }
  }

  private static Throwable unreachable(Throwable failure) {
    return failure instanceof Refusal.RefusedException
        ? failure
        : GatewayCalls.unreachable().raise();
  }

  private static void pass(RoutingContext context, HttpClientResponse from) {
    HttpClientRequest request = from.request();
    if (from.statusCode() != 200) {
      request.reset();
      Responses.refuse(
          context,
          from.statusCode() == 503
              ? Refusal.of(
                  409,
                  "no_data",
                  "The stream makes no data; start it with enable_data_output in the header's"
                      + " parameters.")
              : Refusal.notFound("running stream"),
          false);
      return;
    }
    context
        .response()
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-cache")
        .putHeader("X-Accel-Buffering", "no")
        .setChunked(true);
    from.pipeTo(context.response());
  }

  private Future<String> uri(LiveSession session, String last) {
    return watch.name(session).map(name -> "/process/stream/" + name + "/" + last);
  }
}
