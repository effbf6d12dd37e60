package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Responses;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.RoutingTables;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Media files that answers name: they are in the memory of one gateway, and are passed on from
 * there. Nobody is asked for a key, because nobody can guess a file's address.
 */
@Singleton
class MediaRoutes {
  private final Endpoints endpoints;
  private final RoutingTables tables;
  private final Gateways gateways;
  private final ProxyConfig config;

  MediaRoutes(Endpoints endpoints, RoutingTables tables, Gateways gateways, ProxyConfig config) {
    this.endpoints = endpoints;
    this.tables = tables;
    this.gateways = gateways;
    this.config = config;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.MEDIA, this::media);
  }

  private void media(RoutingContext context) {
    String path = context.request().path();
    Gateway gateway = tables.current().gateway(MediaUrls.gateway(path)).orElse(null);
    if (gateway == null) {
      Responses.refuse(context, Refusal.notFound("media file"), false);
      return;
    }
    gateways
        .mediaClient()
        .request(
            Gateways.to(gateway)
                .setMethod(HttpMethod.GET)
                .setTimeout(config.idleTimeout().toMillis())
                .setURI(MediaUrls.upstream(path)))
        .compose(
            request -> {
              context.response().closeHandler(gone -> request.reset());
              return request.send();
            })
        .onSuccess(from -> pass(from, context))
        .onFailure(
            failure ->
                Responses.refuse(
                    context,
                    Refusal.unavailable("The gateway that has this file cannot be reached."),
                    false));
  }

  private static void pass(HttpClientResponse from, RoutingContext context) {
    if (from.statusCode() != 200) {
      from.request().reset();
      Responses.refuse(context, Refusal.notFound("media file"), false);
      return;
    }
    HttpServerResponse response = context.response();
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
    from.pipe().endOnFailure(false).to(response).onFailure(broken -> Responses.cutShort(context));
  }
}
