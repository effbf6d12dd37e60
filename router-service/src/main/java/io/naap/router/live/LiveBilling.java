package io.naap.router.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.router.admission.AdmissionConfig;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.neighbour.TenantPlans;
import io.naap.router.proxy.JobAuthorization;
import io.naap.router.usage.RequestLog;
import io.naap.router.usage.UsageRecorder;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What streams come to: a usage event a stretch, and one line of the request log at the end. */
@Singleton
public class LiveBilling {
  static final String LIVE_VIDEO = "live-video-to-video";

  /** A heartbeat waits for it. */
  private static final long STATUS_MILLIS = 2_000;

  private final JobAuthorization admittance;
  private final LiveSessions sessions;
  private final ConcurrencySlots places;
  private final UsageRecorder usage;
  private final RequestLog log;
  private final RouterMetrics metrics;
  private final Clock clock;
  private final GatewayCalls gateways;
  private final ObjectMapper json;

  /** However late its heartbeat: what a stretch may come to above what was held for it. */
  private final long mostMillis;

  LiveBilling(
      JobAuthorization admittance,
      LiveSessions sessions,
      ConcurrencySlots places,
      UsageRecorder usage,
      RequestLog log,
      LiveConfig config,
      AdmissionConfig limits,
      RouterMetrics metrics,
      GatewayCalls gateways,
      ObjectMapper json,
      Clock clock) {
    long stretch = config.stretch().toMillis();
    this.mostMillis = stretch + stretch * limits.settleAbovePercent() / 100;
    this.metrics = metrics;
    this.gateways = gateways;
    this.json = json;
    this.admittance = admittance;
    this.sessions = sessions;
    this.places = places;
    this.usage = usage;
    this.log = log;
    this.clock = clock;
  }

  /** A stream is one request, counted with its first stretch. */
  static Units units(long millis, int sequence) {
    Units units = Units.of(Unit.MILLISECONDS, millis);
    return sequence == 0 ? units.with(Unit.REQUESTS, 1) : units;
  }

  /** True when the gateway says that no orchestrator took a live stream; never fails. */
  Future<Boolean> isUntaken(LiveSession session) {
    if (!session.capability().equals(LIVE_VIDEO)) {
      return Future.succeededFuture(false);
    }
    return gateways
        .ask(
            session.gateway(),
            HttpMethod.GET,
            "/live/video-to-video/" + session.streamId() + "/status",
            Map.of(),
            Optional.empty())
        .timeout(STATUS_MILLIS, TimeUnit.MILLISECONDS)
        .map(answer -> answer.status() == 200 && StreamAnswers.isUntaken(json, answer.body()))
        .otherwise(false);
  }

  /** Why such a stream ended. */
  Refusal untaken(LiveSession session) {
    return Refusal.of(
        503,
        "no_capacity",
        "No orchestrator took the stream; " + session.model() + " has no free capacity now.");
  }

  /** The first stretch is nothing when nobody ran it. */
  Future<Void> bill(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return stretch.sequence() > 0
        ? billRan(session, stretch)
        : isUntaken(session)
            .compose(
                untaken -> untaken ? billNothing(session, stretch) : billRan(session, stretch));
  }

  Future<Void> billNothing(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return record(
        session,
        Instant.ofEpochMilli(stretch.sinceMillis()),
        stretch.sequence(),
        Units.NONE,
        503,
        "failed");
  }

  Future<Void> billRan(LiveSession session, LiveSessions.Step.Stretch stretch) {
    long ran = Math.max(0, stretch.untilMillis() - stretch.sinceMillis());
    long millis = Math.min(ran, mostMillis);
    if (millis < ran) {
      metrics.unbilled(units(ran, stretch.sequence()), units(millis, stretch.sequence()));
    }
    return record(
        session,
        Instant.ofEpochMilli(stretch.sinceMillis()),
        stretch.sequence(),
        millis == 0 ? Units.NONE : units(millis, stretch.sequence()),
        200,
        millis == 0 ? "failed" : "succeeded");
  }

  /**
   * Ends a stream, once, whoever comes first: its last stretch is billed, and it is logged.
   *
   * @param untilLastHeartbeat bills no further than that
   */
  Future<Void> end(LiveSession session, boolean untilLastHeartbeat, Ending why) {
    return ended(session, untilLastHeartbeat, why)
        .compose(
            step ->
                step instanceof LiveSessions.Step.Stretch stretch
                    ? bill(session, stretch).compose(billed -> logged(session, why))
                    : Future.succeededFuture());
  }

  /** Ends a stream whose next stretch was refused: all until now was billed already. */
  Future<Void> cut(LiveSession session, Ending why) {
    return ended(session, true, why)
        .compose(
            step ->
                step instanceof LiveSessions.Step.Stretch
                    ? logged(session, why)
                    : Future.succeededFuture());
  }

  /** A stream that never began: it is recorded as failed, and its hold goes back. */
  Future<Void> failed(LiveSession session, Ending why) {
    places.leave(session);
    return sessions
        .end(session.streamId(), true, why)
        .otherwiseEmpty()
        .compose(ended -> record(session, session.opened(), 0, Units.NONE, why.status(), "failed"))
        .compose(recorded -> logged(session, why));
  }

  private Future<LiveSessions.Step> ended(LiveSession session, boolean silent, Ending why) {
    return sessions.end(session.streamId(), silent, why).onSuccess(ended -> places.leave(session));
  }

  private Future<Void> record(
      LiveSession session, Instant began, int sequence, Units units, int status, String outcome) {
    Instant now = clock.instant();
    NanoUsd cost =
        units.isNone()
            ? NanoUsd.ZERO
            : TenantPlans.cost(session.plan(), session.capability(), session.model(), units);
    String eventId = session.requestId() + "-" + sequence;
    return admittance
        .held(session.profile(), session.plan(), eventId)
        .compose(
            hold ->
                usage.record(
                    hold.orElse(null),
                    (instance, position) ->
                        new UsageRecorded(
                            new UsageRecorded.Source(
                                eventId,
                                session.requestId(),
                                sequence,
                                instance,
                                position,
                                session.opened(),
                                hold.map(one -> one.countedAt(began)).orElse(began)),
                            new UsageRecorded.Who(
                                session.profile().tenantId(),
                                session.profile().keyId(),
                                session.profile().tags()),
                            new UsageRecorded.What(
                                session.capability(),
                                session.model(),
                                session.tier(),
                                session.pool(),
                                session.gateway()),
                            new UsageRecorded.End(
                                status,
                                outcome,
                                units,
                                session.plan().plan().reference(),
                                session.fundingId(),
                                cost,
                                now.toEpochMilli() - session.opened().toEpochMilli()))))
        .compose(
            recorded ->
                units.isNone()
                    ? Future.succeededFuture()
                    : sessions
                        .add(session.streamId(), units.get(Unit.MILLISECONDS), cost)
                        .otherwiseEmpty());
  }

  /** Best effort, like all of the log. */
  private Future<Void> logged(LiveSession session, Ending why) {
    return sessions
        .sum(session.streamId())
        .otherwise(new LiveSessions.Sum(0, NanoUsd.ZERO))
        .map(
            sum -> {
              long millis = clock.millis() - session.opened().toEpochMilli();
              log.log(
                  new RequestLogged(
                      session.requestId(),
                      session.opened(),
                      session.profile().tenantId(),
                      session.profile().keyId(),
                      session.capability(),
                      session.model(),
                      why.status(),
                      why.isRefusal() ? Optional.of(why.code()) : Optional.empty(),
                      Optional.of(session.pool()),
                      Optional.of(session.gateway()),
                      sum.millis() == 0 ? Units.NONE : units(sum.millis(), 0),
                      sum.cost(),
                      millis,
                      millis));
              return null;
            });
  }
}
