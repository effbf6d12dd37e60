package io.naap.router.endpoint;

import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Registers the endpoints with the Vert.x router; one that nobody serves stops the start-up. */
@Singleton
public class Endpoints {
  private final Set<Endpoint> served = Collections.synchronizedSet(EnumSet.noneOf(Endpoint.class));

  /** Serves an endpoint. The handler checks what the endpoint's access says. */
  public void serve(Router router, Endpoint endpoint, Handler<RoutingContext> handler) {
    HttpMethod method = HttpMethod.valueOf(endpoint.method());
    if (endpoint.pattern() == null) {
      String path = endpoint.path().replaceAll("\\{([a-z]+)}", ":$1");
      router.route(method, path).handler(handler);
    } else {
      router.routeWithRegex(method, endpoint.pattern()).handler(handler);
    }
    if (!served.add(endpoint)) {
      throw new IllegalStateException(endpoint + " is served twice");
    }
  }

  void check(@Observes StartupEvent started) {
    EnumSet<Endpoint> missing = EnumSet.allOf(Endpoint.class);
    missing.removeAll(served);
    if (!missing.isEmpty()) {
      throw new IllegalStateException("nobody serves " + missing);
    }
  }
}
