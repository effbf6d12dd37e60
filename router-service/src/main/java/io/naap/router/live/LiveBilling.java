package io.naap.router.live;

import io.naap.router.admission.AdmissionConfig;
import io.naap.router.metrics.RouterMetrics;
import io.vertx.core.Future;
import jakarta.inject.Singleton;
import java.time.Instant;

/** Bills the stretches of streams, and ends each stream once. */
@Singleton
class LiveBilling {
  private final LiveSessions sessions;
  private final ConcurrencySlots slots;
  private final LiveRecorder recorder;
  private final StartCheck starts;
  private final RouterMetrics metrics;
  private final long mostMillis;

  LiveBilling(
      LiveSessions sessions,
      ConcurrencySlots slots,
      LiveRecorder recorder,
      StartCheck starts,
      LiveConfig config,
      AdmissionConfig limits,
      RouterMetrics metrics) {
    this.sessions = sessions;
    this.slots = slots;
    this.recorder = recorder;
    this.starts = starts;
    this.metrics = metrics;
    long stretch = config.stretch().toMillis();
    this.mostMillis = stretch + stretch * limits.settleAbovePercent() / 100;
  }

  /** Bills a stretch; a stream's first stretch is free when no orchestrator ran it. */
  private Future<Void> bill(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return stretch.sequence() > 0
        ? billRan(session, stretch)
        : starts
            .isUntaken(session)
            .compose(
                untaken -> untaken ? billNothing(session, stretch) : billRan(session, stretch));
  }

  Future<Void> billNothing(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return record(session, stretch, StretchBill.untaken());
  }

  Future<Void> billRan(LiveSession session, LiveSessions.Step.Stretch stretch) {
    StretchBill bill = StretchBill.of(stretch, mostMillis);
    if (bill.isCut()) {
      metrics.unbilled(bill.ran(), bill.billed());
    }
    return record(session, stretch, bill);
  }

  private Future<Void> record(
      LiveSession session, LiveSessions.Step.Stretch stretch, StretchBill bill) {
    return recorder.record(
        session, Instant.ofEpochMilli(stretch.sinceMillis()), stretch.sequence(), bill);
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
                    ? bill(session, stretch).compose(billed -> recorder.log(session, why))
                    : Future.succeededFuture());
  }

  /** Ends a stream whose next stretch was refused: all until now is billed already. */
  Future<Void> cut(LiveSession session, Ending why) {
    return ended(session, true, why)
        .compose(
            step ->
                step instanceof LiveSessions.Step.Stretch
                    ? recorder.log(session, why)
                    : Future.succeededFuture());
  }

  /** Ends a stream that never began: it is recorded as failed, which gives its hold back. */
  Future<Void> failed(LiveSession session, Ending why) {
    slots.leave(session);
    return sessions
        .end(session.streamId(), true, why)
        .otherwiseEmpty()
        .compose(
            ended ->
                recorder.record(session, session.opened(), 0, StretchBill.failed(why.status())))
        .compose(recorded -> recorder.log(session, why));
  }

  private Future<LiveSessions.Step> ended(LiveSession session, boolean silent, Ending why) {
    return sessions.end(session.streamId(), silent, why).onSuccess(ended -> slots.leave(session));
  }
}
