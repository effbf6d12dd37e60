package io.naap.auth.audit;

import io.naap.contracts.edge.Edge;
import io.vertx.ext.web.RoutingContext;

/**
 * The client that sent a request.
 *
 * @param address its IP address, from the headers of trusted proxies
 * @param agent its {@code User-Agent}, cut to 200 characters
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
