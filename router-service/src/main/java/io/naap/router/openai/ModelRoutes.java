package io.naap.router.openai;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.keys.KeyProfile;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Responses;
import io.naap.router.neighbour.KeyProfiles;
import io.naap.router.neighbour.TenantPlans;
import io.naap.router.routing.RoutingTables;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** {@code GET /v1/models}. */
@Singleton
public class ModelRoutes {
  private final Endpoints endpoints;
  private final KeyProfiles profiles;
  private final TenantPlans plans;
  private final RoutingTables tables;
  private final ObjectMapper json;

  ModelRoutes(
      Endpoints endpoints,
      KeyProfiles profiles,
      TenantPlans plans,
      RoutingTables tables,
      ObjectMapper json) {
    this.endpoints = endpoints;
    this.profiles = profiles;
    this.plans = plans;
    this.tables = tables;
    this.json = json;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.MODELS, this::models);
  }

  private void models(RoutingContext context) {
    context.request().pause();
    profiles
        .of(context.request())
        .compose(
            profile ->
                list(profile)
                    .onSuccess(
                        list ->
                            context
                                .response()
                                .putHeader("Content-Type", "application/json")
                                .end(list)))
        .onFailure(failure -> Responses.fail(context, failure, true));
  }

  private Future<String> list(KeyProfile profile) {
    return plans
        .of(profile.tenantId())
        .map(plan -> new ModelList(json, profile, plan, tables.current()).json().toString());
  }
}
