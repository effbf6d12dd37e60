package io.naap.router.live;

import io.naap.contracts.edge.Edge;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Uploads;
import io.naap.router.http.Responses;
import io.naap.router.routing.RoutingConfig;
import io.naap.router.routing.RoutingTables;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Live AI as its customers see it: a stream is offered (WHIP, RFC 9725), changed, looked at and
 * stopped. Its gateway's heartbeats keep it going: {@link GatewayHooks}.
 */
@Singleton
public class LiveRoutes {
  private static final String CAPABILITY = LiveBilling.LIVE_VIDEO;
  private static final long MAX_BODY = 65_536;

  private final Endpoints endpoints;
  private final Uploads uploads;
  private final LiveStreams streams;
  private final LiveSessions sessions;
  private final Controls controls;
  private final GatewayCalls gateways;
  private final RoutingTables tables;
  private final RoutingConfig routing;

  LiveRoutes(
      Endpoints endpoints,
      Uploads uploads,
      LiveStreams streams,
      LiveSessions sessions,
      Controls controls,
      GatewayCalls gateways,
      RoutingTables tables,
      RoutingConfig routing) {
    this.endpoints = endpoints;
    this.uploads = uploads;
    this.streams = streams;
    this.sessions = sessions;
    this.controls = controls;
    this.gateways = gateways;
    this.tables = tables;
    this.routing = routing;
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
    String params = context.request().getParam("params");
    return streams
        .begin(
            profile,
            CAPABILITY,
            model,
            Edge.requestId(context),
            context.response().headers(),
            Optional.empty())
        .compose(
            begun -> {
              String streamId = begun.session().streamId();
              String uri =
                  path(begun.session(), "whip")
                      + "?streamId="
                      + streamId
                      + "&pipeline="
                      + encoded(begun.session().model())
                      + (params == null ? "" : "&params=" + encoded(params))
                      + tables
                          .current()
                          .affinity(profile.tenantId())
                          .orchestrator()
                          .map(part -> "&orchestrator=" + encoded(part))
                          .orElse("");
              return streams.offer(
                  begun,
                  session ->
                      gateways.ask(
                          session.gateway(),
                          HttpMethod.POST,
                          uri,
                          Map.of("Content-Type", "application/sdp"),
                          Optional.of(sdp)),
                  201);
            })
        .onSuccess(taken -> streams.watchStart(taken.session()))
        .compose(taken -> answerOffer(context, taken.session(), taken.answer()));
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
              headers.set("Livepeer-Playback-URL", routing.publicUrl() + path(session, "whep"));
              headers.set("Location", path(session, "whip"));
              session.tell(headers);
              context.response().setStatusCode(201).end(answer.body());
            });
  }

  private void stop(RoutingContext context) {
    controls
        .owned(context)
        .compose(session -> streams.lookAtStart(session).map(session))
        .compose(
            session ->
                sessions
                    .location(session.streamId())
                    .compose(
                        location -> {
                          String path = location.filter(known -> known.startsWith("/")).orElse("");
                          return path.isEmpty()
                              ? Future.<Void>succeededFuture()
                              : gateways
                                  .ask(
                                      session.gateway(),
                                      HttpMethod.DELETE,
                                      path,
                                      Map.of(),
                                      Optional.empty())
                                  .<Void>mapEmpty()
                                  .otherwiseEmpty();
                        })
                    .compose(asked -> streams.end(session)))
        .onSuccess(ended -> context.response().setStatusCode(200).end())
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  private void status(RoutingContext context) {
    controls.status(
        context,
        session ->
            gateways.askOnce(
                session.gateway(),
                HttpMethod.GET,
                path(session, "status"),
                Map.of(),
                Optional.empty()),
        session -> routing.publicUrl() + path(session, "whep"));
  }

  /** Its owner watches what the pipeline makes; the gateway calls that {@code {stream}-out}. */
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
                                session.gateway(),
                                HttpMethod.POST,
                                "/live/video-to-video/" + session.streamId() + "-out/whep",
                                Map.of("Content-Type", "application/sdp"),
                                Optional.of(sdp)))
                    .onSuccess(
                        answer -> {
                          if (answer.status() / 100 != 2) {
                            Responses.refuse(context, Negotiation.refused(answer), false);
                            return;
                          }
                          MultiMap headers = context.response().headers();
                          Negotiation.head(answer, headers);
                          headers.set("Location", path(session, "whep"));
                          context.response().setStatusCode(answer.status()).end(answer.body());
                        }))
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
                            session.gateway(),
                            HttpMethod.POST,
                            path(session, "update"),
                            Map.of("Content-Type", "application/json"),
                            Optional.of(body))));
  }

  private static String path(LiveSession session, String last) {
    return "/live/video-to-video/" + session.streamId() + "/" + last;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
