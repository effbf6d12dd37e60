package io.naap.router.live;

import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Responses;
import io.naap.router.live.GatewayCalls.Question;
import io.naap.router.routing.RoutingTables;
import io.naap.router.workload.ByocHeader;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The paths of BYOC streams (go-livepeer byoc/stream_gateway.go). A stream is started with the
 * {@code Livepeer} header, and billed by the second until it is stopped or its gateway does not
 * have it any more. Gateways send no heartbeats for such streams: {@link ProcessWatch} asks.
 */
@Singleton
public class ProcessRoutes {
  private static final long MAX_SDP = 65_536;

  private final Endpoints endpoints;
  private final Controls controls;
  private final ProcessRequests requests;
  private final ProcessStarts starts;
  private final LiveStreams streams;
  private final ProcessWatch watch;
  private final GatewayCalls gateways;
  private final RoutingTables tables;

  ProcessRoutes(
      Endpoints endpoints,
      Controls controls,
      ProcessRequests requests,
      ProcessStarts starts,
      LiveStreams streams,
      ProcessWatch watch,
      GatewayCalls gateways,
      RoutingTables tables) {
    this.endpoints = endpoints;
    this.controls = controls;
    this.requests = requests;
    this.starts = starts;
    this.streams = streams;
    this.watch = watch;
    this.gateways = gateways;
    this.tables = tables;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.PROCESS_START, this::start);
    endpoints.serve(router, Endpoint.PROCESS_STATUS, this::status);
    endpoints.serve(router, Endpoint.PROCESS_UPDATE, this::update);
    endpoints.serve(router, Endpoint.PROCESS_STOP, this::stop);
    endpoints.serve(router, Endpoint.PROCESS_WHIP, context -> negotiate(context, "whip"));
    endpoints.serve(router, Endpoint.PROCESS_WHEP, context -> negotiate(context, "whep"));
  }

  private void start(RoutingContext context) {
    AtomicReference<String> capability = new AtomicReference<>("");
    controls.begin(
        context,
        ByocHeader.CAPABILITY,
        capability::get,
        profile -> {
          ByocHeader header = requests.header(context, profile.tenantId());
          capability.set(header.capability());
          return requests
              .start(context, profile.tenantId(), header)
              .compose(wanted -> starts.start(context, profile, wanted));
        });
  }

  private void status(RoutingContext context) {
    controls.status(
        context,
        session ->
            watch
                .uri(session, "status")
                .compose(uri -> gateways.askOnce(session, Question.get(uri))),
        session -> tables.publicUrl() + path(session, "whep"));
  }

  private void update(RoutingContext context) {
    controls.update(
        context,
        session -> {
          String tenantId = session.profile().tenantId();
          ByocHeader header = requests.header(context, tenantId);
          if (!header.capability().equals(session.model())) {
            throw Refusal.invalid(
                    "The Livepeer header's capability must be the stream's, "
                        + session.model()
                        + ".")
                .raise();
          }
          return requests
              .json(context, tenantId)
              .compose(
                  body ->
                      watch
                          .uri(session, "update")
                          .compose(
                              uri -> gateways.askOnce(session, Question.post(uri, header, body))));
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
                requests
                    .upload(context, session.profile().tenantId())
                    .whole(MAX_SDP)
                    .compose(
                        sdp ->
                            watch
                                .uri(session, last)
                                .compose(
                                    uri ->
                                        gateways.askOnce(
                                            session, Question.post(uri, "application/sdp", sdp))))
                    .onSuccess(answer -> Negotiation.answer(context, answer, path(session, last))))
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  private static String path(LiveSession session, String last) {
    return "/process/stream/" + session.streamId() + "/" + last;
  }
}
