package io.naap.router.live;

import io.naap.contracts.edge.Edge;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Responses;
import io.naap.router.http.Uploads;
import io.naap.router.routing.RoutingTables;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The paths of live AI streams: a customer offers a stream (WHIP, RFC 9725), watches it (WHEP),
 * changes it, asks how it does and stops it. The heartbeats of its gateway keep it going, see
 * {@link GatewayHooks}.
 */
@Singleton
public class LiveRoutes {
  private static final String CAPABILITY = LiveSession.LIVE_VIDEO;
  private static final long MAX_BODY = 65_536;

  private final Endpoints endpoints;
  private final Uploads uploads;
  private final StreamStarts starts;
  private final LiveStreams streams;
  private final LiveSessions sessions;
  private final Controls controls;
  private final GatewayCalls gateways;
  private final RoutingTables tables;

  LiveRoutes(
      Endpoints endpoints,
      Uploads uploads,
      StreamStarts starts,
      LiveStreams streams,
      LiveSessions sessions,
      Controls controls,
      GatewayCalls gateways,
      RoutingTables tables) {
    this.endpoints = endpoints;
    this.uploads = uploads;
    this.starts = starts;
    this.streams = streams;
    this.sessions = sessions;
    this.controls = controls;
    this.gateways = gateways;
    this.tables = tables;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.WHIP, this::offer);
    endpoints.serve(router, Endpoint.WHIP_END, this::stop);
    endpoints.serve(router, Endpoint.WHEP, this::watch);
    endpoints.serve(router, Endpoint.LIVE_STATUS, this::status);
    endpoints.serve(router, Endpoint.LIVE_UPDATE, this::update);
  }

  private void offer(RoutingContext context) {
    String type = context.request().getHeader("Content-Type");
    controls.begin(
        context,
        CAPABILITY,
        () -> Optional.ofNullable(context.request().getParam("pipeline")).orElse(""),
        profile -> {
          if (type == null || !type.startsWith("application/sdp")) {
            throw Refusal.of(415, "unsupported_media_type", "Send the offer as application/sdp.")
                .raise();
          }
          return uploads
              .of(context, profile.tenantId())
              .whole(MAX_BODY)
              .compose(sdp -> open(context, profile, sdp));
        });
  }

  private Future<Void> open(RoutingContext context, KeyProfile profile, Buffer sdp) {
    Optional<String> model =
        Optional.ofNullable(context.request().getParam("pipeline")).filter(m -> !m.isBlank());
    if (sdp.length() == 0) {
      throw Refusal.invalid("The offer is empty.").raise();
    }
    return starts
        .begin(
            profile,
            new StreamStarts.Wanted(
                CAPABILITY,
                model,
                Edge.requestId(context),
                context.response().headers(),
                Optional.empty()))
        .compose(
            begun -> {
              String uri = offerUri(context, begun.session());
              return starts.offer(
                  begun,
                  session ->
                      gateways.ask(
                          session.gateway(),
                          GatewayCalls.Question.post(uri, "application/sdp", sdp)),
                  201);
            })
        .onSuccess(taken -> streams.watchStart(taken.session()))
        .compose(taken -> answerOffer(context, taken.session(), taken.answer()));
  }

  private String offerUri(RoutingContext context, LiveSession session) {
    String params = context.request().getParam("params");
    return path(session, "whip")
        + "?streamId="
        + session.streamId()
        + "&pipeline="
        + encoded(session.model())
        + (params == null ? "" : "&params=" + encoded(params))
        + tables
            .current()
            .affinity(session.profile().tenantId())
            .orchestrator()
            .map(part -> "&orchestrator=" + encoded(part))
            .orElse("");
  }

  private Future<Void> answerOffer(
      RoutingContext context, LiveSession session, GatewayCalls.Answer answer) {
    String location = answer.headers().get("Location");
    return sessions
        .locate(session.streamId(), location == null ? "" : location)
        .onSuccess(
            saved -> {
              MultiMap headers = context.response().headers();
              Negotiation.head(answer, headers);
              headers.set("Livepeer-Playback-URL", tables.publicUrl() + path(session, "whep"));
              headers.set("Location", path(session, "whip"));
              session.tell(headers);
              context.response().setStatusCode(201).end(answer.body());
            });
  }

  private void stop(RoutingContext context) {
    controls
        .owned(context)
        .compose(session -> streams.lookAtStart(session).map(session))
        .compose(session -> stopAtGateway(session).compose(asked -> streams.end(session)))
        .onSuccess(ended -> context.response().setStatusCode(200).end())
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  private Future<Void> stopAtGateway(LiveSession session) {
    return sessions
        .location(session.streamId())
        .compose(
            location -> {
              String path = location.filter(known -> known.startsWith("/")).orElse("");
              return path.isEmpty()
                  ? Future.<Void>succeededFuture()
                  : gateways
                      .ask(session.gateway(), GatewayCalls.Question.delete(path))
                      .<Void>mapEmpty()
                      .otherwiseEmpty();
            });
  }

  private void status(RoutingContext context) {
    controls.status(
        context,
        session -> gateways.askOnce(session, GatewayCalls.Question.get(path(session, "status"))),
        session -> tables.publicUrl() + path(session, "whep"));
  }

  /** The owner watches what the pipeline makes; the gateway calls that {@code {stream}-out}. */
  private void watch(RoutingContext context) {
    controls
        .running(context)
        .compose(
            session ->
                uploads
                    .of(context, session.profile().tenantId())
                    .whole(MAX_BODY)
                    .compose(
                        sdp ->
                            gateways.askOnce(
                                session,
                                GatewayCalls.Question.post(
                                    "/live/video-to-video/" + session.streamId() + "-out/whep",
                                    "application/sdp",
                                    sdp)))
                    .onSuccess(
                        answer -> Negotiation.answer(context, answer, path(session, "whep"))))
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  private void update(RoutingContext context) {
    controls.update(
        context,
        session ->
            uploads
                .of(context, session.profile().tenantId())
                .json(MAX_BODY, text -> text)
                .compose(
                    body ->
                        gateways.askOnce(
                            session,
                            GatewayCalls.Question.post(
                                path(session, "update"), "application/json", body))));
  }

  private static String path(LiveSession session, String last) {
    return "/live/video-to-video/" + session.streamId() + "/" + last;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
