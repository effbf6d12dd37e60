package io.naap.router.hooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.problem.Refusal;
import io.naap.router.http.Uploads;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingTables;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.io.IOException;

/** Reads what gateways send to their hooks. A gateway proves itself with the secret in the path. */
@Singleton
public class HookRequests {
  private static final long MAX_BODY = 1 << 20;

  private final RoutingTables tables;
  private final Uploads uploads;
  private final ObjectMapper json;

  HookRequests(RoutingTables tables, Uploads uploads, ObjectMapper json) {
    this.tables = tables;
    this.uploads = uploads;
    this.json = json;
  }

  /** A gateway, and the JSON that it sent. */
  public record Asked(Route route, JsonNode body) {}

  /** Finds the gateway by its secret, and reads the body. */
  public Future<Asked> read(RoutingContext context) {
    context.request().pause();
    return tables
        .current()
        .ofHookSecret(context.pathParam("secret"))
        .map(route -> body(context, route))
        .orElseGet(() -> Future.failedFuture(Refusal.notFound("hook").raise()));
  }

  private Future<Asked> body(RoutingContext context, Route route) {
    return uploads
        .of(context, "gateway:" + route.gateway().name())
        .json(MAX_BODY, this::parse)
        .map(body -> new Asked(route, body));
  }

  private JsonNode parse(Buffer text) {
    try {
      return json.readTree(text.getBytes());
    } catch (IOException unreadable) {
      throw Refusal.of(400, "malformed_json", "The body is not valid JSON.").raise();
    }
  }
}
