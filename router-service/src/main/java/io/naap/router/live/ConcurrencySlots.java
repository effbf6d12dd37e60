package io.naap.router.live;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.router.admission.AdmissionConfig;
import io.naap.router.proxy.JobAuthorization;
import io.naap.router.proxy.StreamSlots;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The concurrency slots of streams. Any router may renew a stream, but its slot stays with the
 * router that took it, its home, which tells Redis every {@code naap.live.sweep-every} which slots
 * it has. When a home is silent, the router that renews the stream takes the slot over. Where no
 * slot is free the stream runs without one, at most until the slots of a dead router are given
 * back.
 */
@Singleton
class ConcurrencySlots {
  private static final Logger LOG = Logger.getLogger(ConcurrencySlots.class);
  private static final int AT_ONCE = 500;

  private final StreamSlots slots;
  private final SlotHomes homes;
  private final Vertx vertx;

  private final String home;

  private final long sweepMillis;
  private final long silentMillis;
  private final long withoutMillis;

  /** Request ids of the streams whose slots this router has, by stream. */
  private final Map<String, String> here = new ConcurrentHashMap<>();

  @Inject
  ConcurrencySlots(
      JobAuthorization slots,
      LiveSessions homes,
      LiveConfig config,
      AdmissionConfig leases,
      Ids ids,
      Vertx vertx) {
    this(
        slots,
        homes,
        ids.next(IdKind.SESSION),
        config.sweepEvery(),
        leases.lease().plus(config.stretch().multipliedBy(2)),
        vertx);
  }

  /**
   * @param home names this router until it stops; after a restart it has no slots and another name
   * @param deadAfter after which the slots of a dead router are given back
   */
  ConcurrencySlots(
      StreamSlots slots,
      SlotHomes homes,
      String home,
      Duration sweepEvery,
      Duration deadAfter,
      Vertx vertx) {
    this.slots = slots;
    this.homes = homes;
    this.home = home;
    this.vertx = vertx;
    this.sweepMillis = sweepEvery.toMillis();
    this.silentMillis = sweepEvery.multipliedBy(5).toMillis();
    this.withoutMillis = deadAfter.plusMillis(silentMillis).toMillis();
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(sweepMillis, timer -> sweep());
  }

  /** Runs before admission gives unused quota back. */
  void stop(@Observes @Priority(10) ShutdownEvent ending) {
    here.forEach((stream, requestId) -> leave(stream));
  }

  /** A stream has begun; its slot was taken with its first hold. */
  Future<Void> begin(LiveSession session) {
    here.put(session.streamId(), session.requestId());
    return homes.home(home, List.of(session.streamId()), silentMillis).mapEmpty();
  }

  /** A stream has ended. */
  void leave(LiveSession session) {
    // A stream that never began is not in the map.
    here.putIfAbsent(session.streamId(), session.requestId());
    leave(session.streamId());
  }

  private void leave(String streamId) {
    String requestId = here.remove(streamId);
    if (requestId != null) {
      slots.leaveSlot(requestId);
    }
  }

  /** Makes sure that a stream that goes on has a slot; fails with the refusal when it must end. */
  Future<Void> keep(LiveSession session, KeyProfile profile, TenantPlan plan) {
    if (slots.hasSlot(session.requestId())) {
      return Future.succeededFuture();
    }
    return homes
        .claim(session.streamId(), home, silentMillis)
        .compose(
            claim ->
                switch (claim) {
                  case SlotHomes.Claim.Taken taken -> Future.succeededFuture();
                  case SlotHomes.Claim.Claimed claimed ->
                      take(session, profile, plan, claimed.withoutMillis());
                });
  }

  private Future<Void> take(
      LiveSession session, KeyProfile profile, TenantPlan plan, long without) {
    return slots
        .takeSlot(profile, plan, session.requestId())
        .onSuccess(taken -> here.put(session.streamId(), session.requestId()))
        .recover(
            refused ->
                refused instanceof Refusal.RefusedException && without < withoutMillis
                    ? Future.succeededFuture()
                    : Future.failedFuture(refused));
  }

  /** Tells Redis which slots this router has, and gives those back that it lost. */
  void sweep() {
    List<String> streams = new ArrayList<>(here.keySet());
    for (int from = 0; from < streams.size(); from += AT_ONCE) {
      var unused =
          homes
              .home(
                  home,
                  List.copyOf(streams.subList(from, Math.min(from + AT_ONCE, streams.size()))),
                  silentMillis)
              .onSuccess(others -> others.forEach(this::leave))
              .onFailure(
                  away ->
                      LOG.debugf(
                          away, "Redis was not told which concurrency slots this router has"));
    }
  }
}
