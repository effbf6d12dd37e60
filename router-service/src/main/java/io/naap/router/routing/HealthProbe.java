package io.naap.router.routing;

import io.vertx.core.Future;

/** Asks a gateway whether it is up. */
public interface HealthProbe {
  /** True when {@code GET /healthz} was answered with 200 in time; never fails. */
  Future<Boolean> isUp(Gateway gateway);
}
