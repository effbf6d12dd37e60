package io.naap.auth.audit;

import io.naap.contracts.edge.Edge;
import io.vertx.ext.web.RoutingContext;

/**
 * Where a request came from.
 *
 * @param address of the client, as the trusted proxies tell it
 * @param agent what the client calls itself, cut to 200 characters
 */
public record Origin(String address, String agent, String requestId) {
  private static final int MAX_AGENT = 200;

  public static Origin of(RoutingContext context) {
    String agent = context.request().getHeader("user-agent");
    String plain = agent == null ? "" : agent.replaceAll("[^ -~]", "?");
    return new Origin(
        Edge.clientAddress(context),
        plain.length() > MAX_AGENT ? plain.substring(0, MAX_AGENT) : plain,
        Edge.requestId(context));
  }
}
