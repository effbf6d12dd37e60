package io.naap.router.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.hooks.HookRequests;
import io.naap.router.http.Responses;
import io.naap.router.neighbour.KeyProfiles;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.Route;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What gateways ask about live streams: {@code -liveAIAuthWebhookUrl} and {@code
 * -liveAIHeartbeatURL} of go-livepeer (server/ai_mediaserver.go).
 */
@Singleton
public class GatewayHooks {
  private static final Logger LOG = Logger.getLogger(GatewayHooks.class);
  private static final int MAX_IDS = 10_000;

  private final Endpoints endpoints;
  private final HookRequests requests;
  private final KeyProfiles profiles;
  private final StreamStarts starts;
  private final LiveStreams streams;
  private final StreamRenewal renewal;
  private final LiveSessions sessions;

  GatewayHooks(
      Endpoints endpoints,
      HookRequests requests,
      KeyProfiles profiles,
      StreamStarts starts,
      LiveStreams streams,
      StreamRenewal renewal,
      LiveSessions sessions) {
    this.endpoints = endpoints;
    this.requests = requests;
    this.profiles = profiles;
    this.starts = starts;
    this.streams = streams;
    this.renewal = renewal;
    this.sessions = sessions;
  }

  void register(@Observes Router router) {
    endpoints.serve(router, Endpoint.LIVE_AUTH, this::liveAuth);
    endpoints.serve(router, Endpoint.LIVE_HEARTBEAT, this::heartbeat);
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
        requests
            .read(context)
            .compose(asked -> authorize(context, asked.route(), asked.body()))
            .map(
                session ->
                    JsonNodeFactory.instance
                        .objectNode()
                        .put("stream_id", session.streamId())
                        .put("pipeline", session.model())));
  }

  private Future<LiveSession> authorize(RoutingContext context, Route route, JsonNode asked) {
    String query = asked.path("query_params").asText("");
    // A stream that came through this platform has our name; a customer may write the query.
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
          // It may run already: what ran until now is billed.
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
    // A stream that is sent to the gateway directly has an API key for its stream key.
    String key = asked.path("stream_key").asText("");
    return profiles
        .ofStreamKey(key.isEmpty() ? asked.path("stream").asText("") : key)
        .compose(
            profile ->
                starts.begin(
                    profile,
                    new StreamStarts.Wanted(
                        LiveSession.LIVE_VIDEO,
                        Optional.ofNullable(parameter(query, "pipeline")),
                        Edge.requestId(context),
                        context.response().headers(),
                        Optional.of(route))))
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
        requests
            .read(context)
            .compose(asked -> beats(asked.route().gateway(), asked.body().path("ids")))
            .map(
                ends -> {
                  ObjectNode said = JsonNodeFactory.instance.objectNode();
                  ArrayNode terminated = said.putArray("terminatedStreamIds");
                  ends.forEach(end -> end.result().ifPresent(terminated::add));
                  return said;
                }));
  }

  private Future<List<Future<Optional<String>>>> beats(Gateway gateway, JsonNode ids) {
    if (!ids.isArray() || ids.size() > MAX_IDS) {
      throw Refusal.invalid("ids must be a list.").raise();
    }
    List<Future<Optional<String>>> ends = new ArrayList<>();
    ids.forEach(id -> ends.add(beat(gateway, id.asText(""))));
    return Future.join(ends).map(ends);
  }

  /** The stream's id when it must end. Never fails, so that one stream does not end the others. */
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
              // Redis does not answer: the hold of the stretch covers the stream for now.
              LOG.debugf(failure, "heartbeat not counted");
              return Future.succeededFuture(
                  renewal.mayGoUnheld(streamId) ? Optional.<String>empty() : Optional.of(streamId));
            });
  }
}
