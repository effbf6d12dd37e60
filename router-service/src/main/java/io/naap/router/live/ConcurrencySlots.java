package io.naap.router.live;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.router.admission.AdmissionConfig;
import io.naap.router.proxy.JobAuthorization;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The places at once of streams. A stream is renewed by any router, but its place stays with the
 * one that took it, its home, which looks every {@code naap.live.sweep-every} whether the stream
 * still runs. Of a home that is silent, whoever renews the stream takes the place over; until there
 * is one, at most for as long as a dead router's places are not free, the stream runs without.
 */
@Singleton
class ConcurrencySlots {
  private static final Logger LOG = Logger.getLogger(ConcurrencySlots.class);
  private static final int AT_ONCE = 500;

  private final JobAuthorization admittance;
  private final LiveSessions sessions;
  private final LiveConfig config;
  private final Vertx vertx;

  /** Names this life of this router: an earlier one's places are gone. */
  private final String home;

  private final long silentMillis;
  private final long withoutMillis;

  /** Request ids of streams whose places are here, by stream. */
  private final Map<String, String> here = new ConcurrentHashMap<>();

  ConcurrencySlots(
      JobAuthorization admittance,
      LiveSessions sessions,
      LiveConfig config,
      AdmissionConfig leases,
      Ids ids,
      Vertx vertx) {
    this.admittance = admittance;
    this.sessions = sessions;
    this.config = config;
    this.vertx = vertx;
    this.home = ids.next(IdKind.SESSION);
    this.silentMillis = config.sweepEvery().multipliedBy(5).toMillis();
    this.withoutMillis =
        leases.lease().plus(config.stretch().multipliedBy(2)).plusMillis(silentMillis).toMillis();
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(config.sweepEvery().toMillis(), timer -> sweep());
  }

  /** Before the router gives back what it does not use. */
  void stop(@Observes @Priority(10) ShutdownEvent ending) {
    here.forEach((stream, requestId) -> leave(stream));
  }

  /** A stream has begun: its place was taken with its first hold. */
  Future<Void> begin(LiveSession session) {
    here.put(session.streamId(), session.requestId());
    return sessions.home(home, List.of(session.streamId()), silentMillis).mapEmpty();
  }

  /** A stream has ended. */
  void leave(LiveSession session) {
    // It may not have begun.
    here.putIfAbsent(session.streamId(), session.requestId());
    leave(session.streamId());
  }

  private void leave(String streamId) {
    String requestId = here.remove(streamId);
    if (requestId != null) {
      admittance.leavePlace(requestId);
    }
  }

  /** Sees that a stream which goes on has its place; fails with the refusal when it must end. */
  Future<Void> keep(LiveSession session, KeyProfile profile, TenantPlan plan) {
    if (admittance.hasPlace(session.requestId())) {
      return Future.succeededFuture();
    }
    return sessions
        .claim(session.streamId(), home, silentMillis)
        .compose(
            claim ->
                switch (claim) {
                  case LiveSessions.Claim.Placed placed -> Future.succeededFuture();
                  case LiveSessions.Claim.Claimed claimed ->
                      take(session, profile, plan, claimed.withoutMillis());
                });
  }

  private Future<Void> take(
      LiveSession session, KeyProfile profile, TenantPlan plan, long without) {
    return admittance
        .takePlace(profile, plan, session.requestId())
        .onSuccess(taken -> here.put(session.streamId(), session.requestId()))
        .recover(
            refused ->
                refused instanceof Refusal.RefusedException && without < withoutMillis
                    ? Future.succeededFuture()
                    : Future.failedFuture(refused));
  }

  private void sweep() {
    List<String> streams = new ArrayList<>(here.keySet());
    for (int from = 0; from < streams.size(); from += AT_ONCE) {
      var unused =
          sessions
              .home(
                  home,
                  List.copyOf(streams.subList(from, Math.min(from + AT_ONCE, streams.size()))),
                  silentMillis)
              .onSuccess(others -> others.forEach(this::leave))
              .onFailure(away -> LOG.debugf(away, "places of streams not told"));
    }
  }
}
