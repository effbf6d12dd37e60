package io.naap.router.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.router.http.Responses;
import io.naap.router.neighbour.KeyProfiles;
import io.naap.router.proxy.GatewayRefusal;
import io.naap.router.proxy.RefusedRequest;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the owner of a stream may ask: the stream's gateway answers. The status of a stream that has
 * ended says why, for as long as Redis remembers the stream.
 */
@Singleton
class Controls {
  private final KeyProfiles profiles;
  private final LiveStreams streams;
  private final LiveSessions sessions;
  private final LiveRecorder recorder;
  private final ObjectMapper json;
  private final Clock clock;

  Controls(
      KeyProfiles profiles,
      LiveStreams streams,
      LiveSessions sessions,
      LiveRecorder recorder,
      ObjectMapper json,
      Clock clock) {
    this.profiles = profiles;
    this.streams = streams;
    this.sessions = sessions;
    this.recorder = recorder;
    this.json = json;
    this.clock = clock;
  }

  /**
   * Begins a stream under the key of a request, and logs a refusal; the failure of a gateway was
   * logged with the session.
   *
   * @param model as far as it was read when the stream is refused, or empty
   */
  void begin(
      RoutingContext context,
      String capability,
      Supplier<String> model,
      Function<KeyProfile, Future<Void>> open) {
    context.request().pause();
    Instant opened = clock.instant();
    Future<KeyProfile> known = profiles.of(context.request());
    known
        .compose(open)
        .onFailure(
            failure -> {
              if (known.succeeded()
                  && failure instanceof Refusal.RefusedException refused
                  && refused.refusal().status() < 502) {
                recorder.logRefused(
                    new RefusedRequest(
                        Edge.requestId(context),
                        known.result(),
                        capability,
                        model.get(),
                        opened,
                        refused.refusal()));
              }
              Responses.fail(context, failure, false);
            });
  }

  /** The stream in the path, if it is the caller's. The request is paused. */
  Future<LiveSession> owned(RoutingContext context) {
    context.request().pause();
    return profiles
        .of(context.request())
        .compose(profile -> streams.owned(profile, context.pathParam("stream")));
  }

  /**
   * Asks the gateway how the stream does.
   *
   * @param whep where a stream can be watched here
   */
  void status(
      RoutingContext context,
      Function<LiveSession, Future<GatewayCalls.Answer>> ask,
      Function<LiveSession, String> whep) {
    owned(context)
        .compose(
            session ->
                sessions
                    .ending(session.streamId())
                    .compose(
                        ending ->
                            ending.isEmpty()
                                ? ask.apply(session)
                                    .map(answer -> shown(answer, session, whep.apply(session)))
                                : Future.succeededFuture(ended(ending.get()))))
        .onSuccess(answer -> answer(context, answer))
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  /** Changes a stream that runs. */
  void update(RoutingContext context, Function<LiveSession, Future<GatewayCalls.Answer>> ask) {
    running(context)
        .compose(session -> ask.apply(session).map(answer -> shown(answer, session, "")))
        .onSuccess(answer -> answer(context, answer))
        .onFailure(failure -> Responses.fail(context, failure, false));
  }

  /** The caller's stream; fails when it has ended. */
  Future<LiveSession> running(RoutingContext context) {
    return owned(context)
        .compose(
            session ->
                sessions
                    .ending(session.streamId())
                    .map(
                        ending -> {
                          if (ending.isPresent()) {
                            throw Refusal.of(
                                    409,
                                    "stream_ended",
                                    "The stream has ended: " + ending.get().detail())
                                .raise();
                          }
                          return session;
                        }));
  }

  /** The gateway's answer without its addresses; refuses one that is not good. */
  private GatewayCalls.Answer shown(GatewayCalls.Answer answer, LiveSession session, String whep) {
    if (answer.status() == 404) {
      throw Refusal.notFound("running stream").raise();
    }
    if (!answer.isGood()) {
      throw GatewayRefusal.of(session.capability(), answer.status(), answer.body().toString())
          .refusal()
          .raise();
    }
    return new GatewayCalls.Answer(
        answer.status(), answer.headers(), StreamAnswers.shown(json, answer.body(), whep));
  }

  private static void answer(RoutingContext context, GatewayCalls.Answer answer) {
    context
        .response()
        .setStatusCode(answer.status())
        .putHeader("Content-Type", "application/json")
        .end(answer.body());
  }

  private GatewayCalls.Answer ended(Ending ending) {
    return new GatewayCalls.Answer(
        200, MultiMap.caseInsensitiveMultiMap(), Buffer.buffer(status(ending)));
  }

  private String status(Ending ending) {
    ObjectNode status =
        json.createObjectNode()
            .put("type", "status")
            .put("state", "ended")
            .put("ended_at", ending.at().toString());
    status
        .putObject("reason")
        .put("status", ending.status())
        .put("code", ending.code())
        .put("detail", ending.detail());
    return status.toString();
  }
}
