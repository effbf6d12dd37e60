package io.naap.router.routing;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The state of a gateway, which is kept when the routing table is reloaded.
 *
 * @param inFlight the jobs that run on it through this router
 */
public record GatewayState(
    AtomicInteger inFlight,
    Health health,
    Shortages shortages,
    Probing probing,
    Discovered discovered) {
  GatewayState() {
    this(new AtomicInteger(), new Health(), new Shortages(), new Probing(), new Discovered());
  }
}
