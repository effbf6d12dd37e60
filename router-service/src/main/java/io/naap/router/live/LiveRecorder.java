package io.naap.router.live;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.EventId;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.neighbour.TenantPlans;
import io.naap.router.proxy.JobAuthorization;
import io.naap.router.proxy.RefusedRequest;
import io.naap.router.usage.RequestLog;
import io.naap.router.usage.UsageRecorder;
import io.vertx.core.Future;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/**
 * Records streams: a usage event for each stretch, which settles the stretch's hold, and one line
 * of the tenant's request log for the whole stream.
 */
@Singleton
class LiveRecorder {
  private final JobAuthorization authorization;
  private final LiveSessions sessions;
  private final UsageRecorder usage;
  private final RequestLog log;
  private final Clock clock;

  LiveRecorder(
      JobAuthorization authorization,
      LiveSessions sessions,
      UsageRecorder usage,
      RequestLog log,
      Clock clock) {
    this.authorization = authorization;
    this.sessions = sessions;
    this.usage = usage;
    this.log = log;
    this.clock = clock;
  }

  Future<Void> record(LiveSession session, Instant began, int sequence, StretchBill bill) {
    Instant now = clock.instant();
    Units units = bill.billed();
    NanoUsd cost =
        units.isNone()
            ? NanoUsd.ZERO
            : TenantPlans.cost(session.plan(), session.capability(), session.model(), units);
    String eventId = EventId.of(session.requestId(), sequence);
    return authorization
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
                                bill.status(),
                                bill.outcome(),
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

  /** Logs a stream that has ended. Best effort, like all of the log. */
  Future<Void> log(LiveSession session, Ending why) {
    return sessions
        .sum(session.streamId())
        .otherwise(new LiveSessions.Sum(0, NanoUsd.ZERO))
        .map(
            sum -> {
              long millis = clock.millis() - session.opened().toEpochMilli();
              log.log(
                  new RequestLogged(
                      new RequestLogged.Request(
                          session.requestId(),
                          session.opened(),
                          session.profile().tenantId(),
                          session.profile().keyId(),
                          session.capability(),
                          session.model()),
                      new RequestLogged.Answer(
                          why.status(),
                          why.isRefusal() ? Optional.of(why.code()) : Optional.empty(),
                          Optional.of(session.pool()),
                          Optional.of(session.gateway())),
                      sum.millis() == 0 ? Units.NONE : StretchBill.units(sum.millis(), 0),
                      sum.cost(),
                      millis,
                      millis));
              return null;
            });
  }

  /** Logs a stream that was refused before it had a session. */
  void logRefused(RefusedRequest request) {
    log.log(request.line(clock.instant()));
  }
}
