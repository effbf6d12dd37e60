package io.naap.router.hooks;

import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Responses;
import io.naap.router.proxy.PushedStreams;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * {@code -authWebhookUrl} of go-livepeer (server/auth.go): admits a pushed stream when a router
 * sent it to that gateway, and no other. The answer is empty: gateways refuse a stream whose
 * segments and whose webhook name different renditions, and one that names none is different.
 */
@Singleton
class PushHook {
  private final Endpoints endpoints;
  private final HookRequests requests;
  private final PushedStreams pushes;

  PushHook(Endpoints endpoints, HookRequests requests, PushedStreams pushes) {
    this.endpoints = endpoints;
    this.requests = requests;
    this.pushes = pushes;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.PUSH_AUTH, this::authorize);
  }

  private void authorize(RoutingContext context) {
    requests
        .read(context)
        .compose(
            asked ->
                pushes.isAdmitted(
                    asked.route().gateway().name(),
                    streamName(asked.body().path("url").asText(""))))
        .onSuccess(
            admitted -> {
              if (admitted) {
                context.response().end();
              } else {
                Responses.refuse(
                    context, Refusal.of(403, "unknown_stream", "Not admitted."), false);
              }
            })
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  /** The name after {@code /live/} in the address that the stream is pushed to; or nothing. */
  static String streamName(String url) {
    int at = url.indexOf("/live/");
    return at < 0 ? "" : url.substring(at + 6).split("[/?]", 2)[0];
  }
}
