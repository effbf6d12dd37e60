package io.naap.router.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.Future;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/**
 * Asks a gateway whether an orchestrator took a live stream. A gateway answers an offer before it
 * chooses an orchestrator, and says in the stream's status that it found none.
 */
@Singleton
class StartCheck {
  /** A heartbeat waits for the gateway's answer. */
  private static final long STATUS_MILLIS = 2_000;

  private final GatewayCalls gateways;
  private final ObjectMapper json;

  StartCheck(GatewayCalls gateways, ObjectMapper json) {
    this.gateways = gateways;
    this.json = json;
  }

  /** True when the gateway says that no orchestrator took the stream; never fails. */
  Future<Boolean> isUntaken(LiveSession session) {
    if (!session.capability().equals(LiveSession.LIVE_VIDEO)) {
      return Future.succeededFuture(false);
    }
    return gateways
        .ask(
            session.gateway(),
            GatewayCalls.Question.get("/live/video-to-video/" + session.streamId() + "/status"))
        .timeout(STATUS_MILLIS, TimeUnit.MILLISECONDS)
        .map(answer -> answer.status() == 200 && StreamAnswers.isUntaken(json, answer.body()))
        .otherwise(false);
  }

  /** Why such a stream ends. */
  static Refusal untaken(LiveSession session) {
    return Refusal.of(
        503,
        "no_capacity",
        "No orchestrator took the stream; " + session.model() + " has no free capacity now.");
  }
}
