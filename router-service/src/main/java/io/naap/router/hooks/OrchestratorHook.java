package io.naap.router.hooks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Responses;
import io.naap.router.routing.Pool;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingTables;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * go-livepeer's {@code -orchWebhookUrl}: a gateway asks, at most once a minute, which orchestrators
 * it may use ({@code [{"address":"https://host:port","score":1}]}), and gets those of its pool. So
 * a pool's orchestrators change with the routing table, without a restart of its gateways. A pool
 * without orchestrators has no such hook, and the gateway keeps what it had.
 */
@Singleton
public class OrchestratorHook {
  /** go-livepeer's score of a trusted orchestrator. */
  private static final int TRUSTED = 1;

  private final Endpoints endpoints;
  private final RoutingTables tables;

  OrchestratorHook(Endpoints endpoints, RoutingTables tables) {
    this.endpoints = endpoints;
    this.tables = tables;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.ORCHESTRATORS, this::orchestrators);
  }

  private void orchestrators(RoutingContext context) {
    Pool pool =
        tables.current().ofHookSecret(context.pathParam("secret")).map(Route::pool).orElse(null);
    if (pool == null || pool.orchestrators().isEmpty()) {
      Responses.refuse(context, Refusal.notFound("hook"), false);
      return;
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    pool.orchestrators()
        .forEach(address -> list.addObject().put("address", address).put("score", TRUSTED));
    context.response().putHeader("Content-Type", "application/json").end(list.toString());
  }
}
