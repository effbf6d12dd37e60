package io.naap.router.live;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Optional;

/**
 * The life of a stream that has begun: it goes on stretch by stretch, each with the next one's hold
 * taken before the last one's is settled, and ends once.
 */
@Singleton
class LiveStreams {
  private final LiveSessions sessions;
  private final LiveBilling billing;
  private final StreamRenewal renewal;
  private final StartCheck starts;
  private final LiveConfig config;
  private final Clock clock;
  private final Vertx vertx;
  private volatile boolean stopped;

  /** Since when this router would have got heartbeats: before, no stream counts as silent. */
  private volatile long hearingNanos = System.nanoTime();

  LiveStreams(
      LiveSessions sessions,
      LiveBilling billing,
      StreamRenewal renewal,
      StartCheck starts,
      LiveConfig config,
      Clock clock,
      Vertx vertx) {
    this.sessions = sessions;
    this.billing = billing;
    this.renewal = renewal;
    this.starts = starts;
    this.config = config;
    this.clock = clock;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent started) {
    hearingNanos = System.nanoTime();
    vertx.setPeriodic(config.sweepEvery().toMillis(), timer -> sweep());
  }

  void stop(@Observes ShutdownEvent ending) {
    stopped = true;
  }

  /** A tenant's stream. Another tenant's stream is not found. */
  Future<LiveSession> owned(KeyProfile profile, String streamId) {
    return (IdKind.STREAM.matches(streamId)
            ? sessions.find(streamId)
            : Future.succeededFuture(Optional.<LiveSession>empty()))
        .map(
            found ->
                found
                    .filter(session -> session.profile().tenantId().equals(profile.tenantId()))
                    .orElseThrow(() -> Refusal.notFound("stream").raise()));
  }

  /** The owner stops the stream. */
  Future<Void> end(LiveSession session) {
    return billing.end(session, false, Ending.stopped(clock.instant()));
  }

  /** The gateway does not have the stream any more: it is billed as far as it was seen. */
  Future<Void> vanished(LiveSession session) {
    return billing.end(session, true, Ending.silent(clock.instant()));
  }

  /** Asks the gateway of a stream that has begun, twice, whether an orchestrator took it. */
  void watchStart(LiveSession session) {
    long millis = config.startLook().toMillis();
    vertx.setTimer(millis, first -> lookAtStart(session));
    vertx.setTimer(3 * millis, second -> lookAtStart(session));
  }

  /** Ends a stream that no orchestrator took. */
  Future<Void> lookAtStart(LiveSession session) {
    return starts
        .isUntaken(session)
        .compose(
            untaken ->
                untaken ? billing.end(session, true, untaken(session)) : Future.succeededFuture());
  }

  private Ending untaken(LiveSession session) {
    return Ending.cut(clock.instant(), StartCheck.untaken(session));
  }

  /** The stream was seen running. False when it must end. */
  Future<Boolean> mayGoOn(LiveSession session) {
    return sessions
        .beat(session.streamId())
        .compose(
            step ->
                switch (step) {
                  case LiveSessions.Step.Gone gone -> Future.succeededFuture(false);
                  case LiveSessions.Step.Nothing nothing -> Future.succeededFuture(true);
                  case LiveSessions.Step.Stretch stretch -> goOn(session, stretch);
                });
  }

  /** Bills a stretch, and takes the next one's hold. False when the stream must end. */
  private Future<Boolean> goOn(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return stretch.sequence() > 0
        ? renew(session, stretch)
        : starts
            .isUntaken(session)
            .compose(
                untaken ->
                    untaken
                        ? billing
                            .billNothing(session, stretch)
                            .compose(recorded -> billing.cut(session, untaken(session)))
                            .map(ended -> false)
                        : renew(session, stretch));
  }

  private Future<Boolean> renew(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return renewal
        .renew(session, stretch.sequence() + 1)
        .compose(
            refusal ->
                billing
                    .billRan(session, stretch)
                    .compose(
                        billed ->
                            refusal.isEmpty()
                                ? Future.succeededFuture(true)
                                : billing
                                    .cut(session, Ending.cut(clock.instant(), refusal.get()))
                                    .map(ended -> false)));
  }

  /** Ends streams that no gateway has spoken of for too long. */
  private void sweep() {
    if (stopped) {
      return;
    }
    renewal.forgetOld();
    sessions
        .silent(config.sessionTimeout().toMillis())
        .onFailure(away -> hearingNanos = System.nanoTime())
        .onSuccess(
            names -> {
              if (System.nanoTime() - hearingNanos >= config.sessionTimeout().toNanos()) {
                names.forEach(
                    name ->
                        sessions
                            .find(name)
                            .onSuccess(found -> found.ifPresent(session -> vanished(session))));
              }
            });
  }
}
