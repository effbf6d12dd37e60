package io.naap.router.routing;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What is known of a gateway whatever the table says of it; kept over reloads.
 *
 * @param inFlight jobs running on it through this router
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
