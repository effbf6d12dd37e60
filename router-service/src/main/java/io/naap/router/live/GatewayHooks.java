package io.naap.router.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Uploads;
import io.naap.router.neighbour.KeyProfiles;
import io.naap.router.http.Responses;
import io.naap.router.proxy.PushedStreams;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingTables;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What gateways ask about streams: {@code -liveAIAuthWebhookUrl}, {@code -liveAIHeartbeatURL} and
 * {@code -authWebhookUrl} of go-livepeer (server/auth.go, server/ai_mediaserver.go). A gateway is
 * known by the secret in the path.
 */
@Singleton
public class GatewayHooks {
  private static final Logger LOG = Logger.getLogger(GatewayHooks.class);
  private static final int MAX_IDS = 10_000;
  private static final long MAX_BODY = 1 << 20;

  private final Endpoints endpoints;
  private final KeyProfiles profiles;
  private final Uploads uploads;
  private final RoutingTables tables;
  private final LiveStreams streams;
  private final LiveSessions sessions;
  private final PushedStreams pushes;
  private final ObjectMapper json;

  GatewayHooks(
      Endpoints endpoints,
      KeyProfiles profiles,
      Uploads uploads,
      RoutingTables tables,
      LiveStreams streams,
      LiveSessions sessions,
      PushedStreams pushes,
      ObjectMapper json) {
    this.endpoints = endpoints;
    this.profiles = profiles;
    this.uploads = uploads;
    this.tables = tables;
    this.streams = streams;
    this.sessions = sessions;
    this.pushes = pushes;
    this.json = json;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.LIVE_AUTH, this::liveAuth);
    endpoints.serve(router, Endpoint.LIVE_HEARTBEAT, this::heartbeat);
    endpoints.serve(router, Endpoint.PUSH_AUTH, this::pushAuth);
  }

  private Future<Route> gateway(RoutingContext context) {
    context.request().pause();
    return tables
        .current()
        .ofHookSecret(context.pathParam("secret"))
        .map(Future::succeededFuture)
        .orElseGet(() -> Future.failedFuture(Refusal.notFound("hook").raise()));
  }

  private Future<JsonNode> body(RoutingContext context, Route route) {
    return uploads
        .of(context, "gateway:" + route.gateway().name())
        .json(
            MAX_BODY,
            text -> {
              try {
                return json.readTree(text.getBytes());
              } catch (IOException unreadable) {
                throw Refusal.of(400, "malformed_json", "The body is not valid JSON.").raise();
              }
            });
  }

  private static void answer(RoutingContext context, Future<ObjectNode> answer) {
    answer
        .onSuccess(
            said ->
                context
                    .response()
                    .putHeader("Content-Type", "application/json")
                    .end(said.toString()))
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  private void liveAuth(RoutingContext context) {
    answer(
        context,
        gateway(context)
            .compose(
                route -> body(context, route).compose(asked -> authorise(context, route, asked)))
            .map(
                session ->
                    json.createObjectNode()
                        .put("stream_id", session.streamId())
                        .put("pipeline", session.model())));
  }

  private Future<LiveSession> authorise(RoutingContext context, Route route, JsonNode asked) {
    String query = asked.path("query_params").asText("");
    // The name is ours wherever a stream came through us; the query may be a customer's own words.
    String name = asked.path("stream").asText("");
    String stream = IdKind.STREAM.matches(name) ? name : parameter(query, "streamId");
    if (stream != null && IdKind.STREAM.matches(stream)) {
      return sessions
          .find(stream)
          .map(
              found ->
                  found
                      .filter(session -> session.gateway().equals(route.gateway().name()))
                      .orElseThrow(() -> unknown("Not admitted.")))
          // It may run already, and then what ran until now is billed.
          .compose(
              session ->
                  streams
                      .mayGoOn(session)
                      .map(
                          goesOn -> {
                            if (!goesOn) {
                              throw unknown("Ended.");
                            }
                            return session;
                          }));
    }
    // Ingest that did not come through us carries its API key as the stream key.
    String key = asked.path("stream_key").asText("");
    return profiles
        .ofStreamKey(key.isEmpty() ? asked.path("stream").asText("") : key)
        .compose(
            profile ->
                streams.begin(
                    profile,
                    LiveBilling.LIVE_VIDEO,
                    Optional.ofNullable(parameter(query, "pipeline")),
                    Edge.requestId(context),
                    context.response().headers(),
                    Optional.of(route)))
        .compose(begun -> sessions.beat(begun.session().streamId()).map(begun.session()));
  }

  private static Refusal.RefusedException unknown(String detail) {
    return Refusal.of(403, "unknown_stream", detail).raise();
  }

  private static String parameter(String query, String name) {
    for (String pair : query.split("[?&]", -1)) {
      if (pair.startsWith(name + "=")) {
        return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  private void heartbeat(RoutingContext context) {
    answer(
        context,
        gateway(context)
            .compose(
                route ->
                    body(context, route)
                        .compose(
                            beats -> {
                              JsonNode named = beats.path("ids");
                              if (!named.isArray() || named.size() > MAX_IDS) {
                                throw Refusal.invalid("ids must be a list.").raise();
                              }
                              List<Future<Optional<String>>> ends = new ArrayList<>();
                              named.forEach(id -> ends.add(beat(route.gateway(), id.asText(""))));
                              return Future.join(ends).map(ends);
                            }))
            .map(
                ends -> {
                  ObjectNode said = json.createObjectNode();
                  ArrayNode terminated = said.putArray("terminatedStreamIds");
                  ends.forEach(end -> end.result().ifPresent(terminated::add));
                  return said;
                }));
  }

  /** The stream's id when it must end. Never fails: one stream's trouble is not the others'. */
  private Future<Optional<String>> beat(Gateway gateway, String streamId) {
    if (!IdKind.STREAM.matches(streamId)) {
      return Future.succeededFuture(Optional.of(streamId));
    }
    return sessions
        .find(streamId)
        .compose(
            found ->
                found.isEmpty() || !found.get().gateway().equals(gateway.name())
                    ? Future.succeededFuture(false)
                    : streams.mayGoOn(found.get()))
        .map(goesOn -> goesOn ? Optional.<String>empty() : Optional.of(streamId))
        .recover(
            failure -> {
              // Without Redis nothing is known; what is held covers the stream for a stretch.
              LOG.debugf(failure, "heartbeat not counted");
              return Future.succeededFuture(
                  streams.mayGoUnheld(streamId) ? Optional.<String>empty() : Optional.of(streamId));
            });
  }

  /**
   * Push ingest is admitted when a router sent it to that gateway; anything else is not let in. The
   * answer is empty: gateways refuse a stream whose segments and whose webhook name different
   * renditions, and one that names none is different.
   */
  private void pushAuth(RoutingContext context) {
    gateway(context)
        .compose(
            route ->
                body(context, route)
                    .compose(
                        asked -> {
                          String url = asked.path("url").asText("");
                          int at = url.indexOf("/live/");
                          String name = at < 0 ? "" : url.substring(at + 6).split("[/?]", 2)[0];
                          return pushes.isAdmitted(route.gateway().name(), name);
                        }))
        .onSuccess(
            admitted -> {
              if (admitted) {
                context.response().end();
              } else {
                Responses.fail(context, unknown("Not admitted."), false);
              }
            })
        .onFailure(failure -> Responses.fail(context, failure, false));
  }
}
