package io.naap.router.live;

import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Responses;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data that a BYOC stream makes, as events for as long as the stream runs; the gateway ends
 * them when it is stopped. Listening takes no hold, so the listeners of each stream are limited:
 * all tenants share the connections to gateways.
 */
@Singleton
class ProcessData {
  private final Endpoints endpoints;
  private final Controls controls;
  private final ProcessWatch watch;
  private final GatewayCalls gateways;
  private final LiveConfig config;
  private final Map<String, Integer> listeners = new ConcurrentHashMap<>();

  ProcessData(
      Endpoints endpoints,
      Controls controls,
      ProcessWatch watch,
      GatewayCalls gateways,
      LiveConfig config) {
    this.endpoints = endpoints;
    this.controls = controls;
    this.watch = watch;
    this.gateways = gateways;
    this.config = config;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.PROCESS_DATA, this::data);
  }

  private void data(RoutingContext context) {
    controls
        .running(context)
        .compose(
            session -> {
              enter(context, session.streamId());
              return watch
                  .uri(session, "data")
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
        .onFailure(failure -> Responses.fail(context, GatewayCalls.orUnreachable(failure), false));
  }

  /** Counts a listener until its answer has ended; refuses one too many. */
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

  private static void pass(RoutingContext context, HttpClientResponse from) {
    if (from.statusCode() != 200) {
      from.request().reset();
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
}
