package io.naap.router.live;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.proxy.GatewayRefusal;
import io.naap.router.proxy.JobAuthorization;
import io.naap.router.routing.Outliers;
import io.naap.router.routing.Pool;
import io.naap.router.routing.Route;
import io.naap.router.usage.RequestLog;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The life of a stream: it begins with a hold, is placed at a gateway, goes on stretch by stretch,
 * each with the next one's hold taken before the last one's is settled, and ends once.
 */
@Singleton
class LiveStreams {
  private static final Logger LOG = Logger.getLogger(LiveStreams.class);
  private static final Duration HOLD = Duration.ofSeconds(90);

  private final JobAuthorization admittance;
  private final LiveSessions sessions;
  private final LiveConfig config;
  private final LiveBilling billing;
  private final ConcurrencySlots places;
  private final RunningKeys keys;
  private final Outliers outliers;
  private final RequestLog log;
  private final Ids ids;
  private final Clock clock;
  private final Vertx vertx;
  private volatile boolean stopped;

  /** Since when heartbeats would have been heard: before, no stream was silent. */
  private volatile long hearingNanos = System.nanoTime();

  /** Streams for whose next stretch nothing could be set aside, and since when. */
  private final Map<String, Instant> unheld = new ConcurrentHashMap<>();

  LiveStreams(
      JobAuthorization admittance,
      LiveSessions sessions,
      LiveConfig config,
      LiveBilling billing,
      ConcurrencySlots places,
      RunningKeys keys,
      Outliers outliers,
      RequestLog log,
      Ids ids,
      Clock clock,
      Vertx vertx) {
    this.admittance = admittance;
    this.sessions = sessions;
    this.config = config;
    this.billing = billing;
    this.places = places;
    this.keys = keys;
    this.outliers = outliers;
    this.log = log;
    this.ids = ids;
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

  /** A session, and the gateways that may have it. */
  record Begun(LiveSession session, List<Route> routes) {}

  /** A session at the gateway that took it. */
  record Taken(LiveSession session, GatewayCalls.Answer answer) {}

  /**
   * Takes the hold of the first stretch.
   *
   * @param headers of the answer; limits are told there
   * @param given the gateway that has the stream already
   */
  Future<Begun> begin(
      KeyProfile profile,
      String capability,
      Optional<String> model,
      String requestId,
      MultiMap headers,
      Optional<Route> given) {
    String streamId = ids.next(IdKind.STREAM);
    Instant opened = clock.instant();
    return admittance
        .place(profile, capability, model, Optional.empty())
        .map(placed -> reached(placed, capability, given))
        .compose(
            placed ->
                admittance
                    .admit(
                        profile,
                        placed,
                        capability,
                        requestId + "-0",
                        LiveBilling.units(config.stretch().toMillis(), 0),
                        LiveBilling.units(config.stretch().toMillis(), 0),
                        ReservationRequest.Counts.STREAM,
                        HOLD,
                        headers,
                        false)
                    .compose(
                        granted -> {
                          Route route = placed.routes().getFirst();
                          LiveSession session =
                              new LiveSession(
                                  streamId,
                                  requestId,
                                  profile,
                                  placed.plan(),
                                  placed.tier(),
                                  capability,
                                  placed.model(),
                                  route.pool().name(),
                                  route.gateway().name(),
                                  opened,
                                  granted.hold().fundingId());
                          return sessions
                              .save(session)
                              .compose(saved -> places.begin(session))
                              .map(new Begun(session, placed.routes()))
                              .recover(lost -> neverBegan(session, lost));
                        }));
  }

  /** A gateway that has a stream already must be of its tier, as if the stream came through us. */
  private static JobAuthorization.Placed reached(
      JobAuthorization.Placed placed, String capability, Optional<Route> given) {
    if (given.isEmpty()) {
      return placed;
    }
    Pool pool = given.get().pool();
    if (!pool.tier().equals(placed.tier()) || !pool.serves(capability, placed.model())) {
      throw Refusal.of(
              403,
              "not_in_tier",
              "The tier \""
                  + placed.tier()
                  + "\" does not have "
                  + placed.model()
                  + " at this gateway.")
          .raise();
    }
    return new JobAuthorization.Placed(
        placed.plan(), placed.tier(), placed.model(), List.of(given.get()));
  }

  /** Nobody knows of the stream: what was set aside for it goes back. */
  private Future<Begun> neverBegan(LiveSession session, Throwable lost) {
    Refusal why =
        lost instanceof Refusal.RefusedException refused
            ? refused.refusal()
            : Refusal.of(500, "internal", "The stream could not be begun.");
    return billing
        .failed(session, Ending.cut(clock.instant(), why))
        .compose(recorded -> Future.failedFuture(lost));
  }

  /**
   * Offers a stream to its gateways. Nothing was sent to one that cannot be reached, so the next
   * one may have it; any answer but the wanted one ends the stream before it began.
   *
   * @param call asks the gateway of the session it is given
   * @param good the status of a gateway that took the stream
   */
  Future<Taken> offer(
      Begun begun, Function<LiveSession, Future<GatewayCalls.Answer>> call, int good) {
    return offer(begun, 0, call, good);
  }

  private Future<Taken> offer(
      Begun begun, int at, Function<LiveSession, Future<GatewayCalls.Answer>> call, int good) {
    LiveSession session = begun.session;
    long forwardedNanos = System.nanoTime();
    return call.apply(session)
        .transform(
            asked ->
                asked.succeeded()
                    ? answered(begun, at, asked.result(), good, forwardedNanos)
                    : lost(begun, at, asked.cause(), forwardedNanos, call, good));
  }

  private Future<Taken> answered(
      Begun begun, int at, GatewayCalls.Answer answer, int good, long forwardedNanos) {
    LiveSession session = begun.session;
    Route route = begun.routes.get(at);
    if (answer.status() == good) {
      outliers.succeeded(route, session.capability(), session.model());
      return Future.succeededFuture(new Taken(session, answer));
    }
    GatewayRefusal refused =
        GatewayRefusal.of(session.capability(), answer.status(), answer.body().toString());
    return switch (refused.kind()) {
      case CUSTOMER -> {
        outliers.answered(route);
        yield failed(session, refused.refusal());
      }
      case NO_CAPACITY -> {
        unserved(route, session, "status", forwardedNanos);
        yield failed(session, noCapacity(begun));
      }
      case FAILED -> {
        unserved(route, session, "status", forwardedNanos);
        yield notTaken(session);
      }
    };
  }

  private void unserved(Route route, LiveSession session, String reason, long forwardedNanos) {
    outliers.unserved(route, reason, session.capability(), session.model(), forwardedNanos);
  }

  private static Refusal noCapacity(Begun begun) {
    LiveSession session = begun.session;
    return GatewayRefusal.noCapacity(
            Outliers.retryAfter(begun.routes, session.capability(), session.model()))
        .refusal();
  }

  private Future<Taken> lost(
      Begun begun,
      int at,
      Throwable cause,
      long forwardedNanos,
      Function<LiveSession, Future<GatewayCalls.Answer>> call,
      int good) {
    LiveSession session = begun.session;
    Route route = begun.routes.get(at);
    if (cause instanceof Refusal.RefusedException refused) {
      return failed(session, refused.refusal());
    }
    if (!(cause instanceof ConnectException)) {
      // Dropped, or late: there is no capacity, or the gateway is down.
      unserved(route, session, "connection", forwardedNanos);
      outliers.suspect(route);
      return failed(session, noCapacity(begun));
    }
    outliers.unreachable(route);
    if (at + 1 < begun.routes.size()) {
      Route next = begun.routes.get(at + 1);
      LiveSession moved = session.at(next.pool().name(), next.gateway().name());
      return sessions
          .save(moved)
          .compose(saved -> offer(new Begun(moved, begun.routes), at + 1, call, good));
    }
    return failed(
        session,
        new Refusal(
            503,
            "gateway_unreachable",
            "The gateway cannot be reached; try again.",
            null,
            Optional.of(1L)));
  }

  /** Its gateway answered, and does not have it. */
  Future<Taken> notTaken(LiveSession session) {
    return failed(
        session,
        Refusal.of(502, "gateway_failed", "The gateway did not take the stream; try again."));
  }

  private Future<Taken> failed(LiveSession session, Refusal refusal) {
    return billing
        .failed(session, Ending.cut(clock.instant(), refusal))
        .compose(recorded -> Future.failedFuture(refusal.raise()));
  }

  /** A stream that was refused before there was a session; those that failed later are logged. */
  void logRefused(
      String requestId,
      KeyProfile profile,
      String capability,
      String model,
      Instant opened,
      Refusal refusal) {
    log.log(
        new RequestLogged(
            requestId,
            opened,
            profile.tenantId(),
            profile.keyId(),
            capability,
            model,
            refusal.status(),
            Optional.of(refusal.code()),
            Optional.empty(),
            Optional.empty(),
            Units.NONE,
            NanoUsd.ZERO,
            clock.millis() - opened.toEpochMilli(),
            0));
  }

  /** A tenant's stream. Another tenant's is no stream. */
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

  /** Its owner stops it. */
  Future<Void> end(LiveSession session) {
    return billing.end(session, false, Ending.stopped(clock.instant()));
  }

  /** Its gateway does not have it any more; billed as far as it was seen. */
  Future<Void> vanished(LiveSession session) {
    return billing.end(session, true, Ending.silent(clock.instant()));
  }

  /** A stream has begun: its gateway is asked soon whether an orchestrator took it. */
  void watchStart(LiveSession session) {
    long millis = config.startLook().toMillis();
    vertx.setTimer(millis, first -> lookAtStart(session));
    vertx.setTimer(3 * millis, second -> lookAtStart(session));
  }

  /**
   * Ends a stream that no orchestrator took. Its gateway answers an offer before it chooses one,
   * and says in the stream's status that it found none.
   */
  Future<Void> lookAtStart(LiveSession session) {
    return billing
        .isUntaken(session)
        .compose(
            untaken ->
                untaken
                    ? billing.end(
                        session, true, Ending.cut(clock.instant(), billing.untaken(session)))
                    : Future.succeededFuture());
  }

  /** The stream was seen running. */
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

  /**
   * Bills a stretch, and takes the next one's hold if everything still allows it: the key, the
   * tenant's standing, its limits and its money. False when the stream must end.
   */
  private Future<Boolean> goOn(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return stretch.sequence() > 0
        ? renew(session, stretch)
        : billing
            .isUntaken(session)
            .compose(
                untaken ->
                    untaken
                        ? billing
                            .billNothing(session, stretch)
                            .compose(
                                recorded ->
                                    billing.cut(
                                        session,
                                        Ending.cut(clock.instant(), billing.untaken(session))))
                            .map(ended -> false)
                        : renew(session, stretch));
  }

  private Future<Boolean> renew(LiveSession session, LiveSessions.Step.Stretch stretch) {
    return renewed(session, stretch.sequence() + 1)
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

  /** Why the stream may not go on; empty when it may. */
  private Future<Optional<Refusal>> renewed(LiveSession session, int next) {
    return keys.current(session.profile())
        .compose(
            profile ->
                admittance
                    .stillPlaced(profile, session.capability(), session.model(), session.tier())
                    .compose(
                        now ->
                            places
                                .keep(session, profile, now)
                                .compose(kept -> held(session, profile, now, next))))
        .map(
            granted -> {
              unheld.remove(session.streamId());
              return Optional.<Refusal>empty();
            })
        .recover(
            refused -> {
              Refusal why =
                  refused instanceof Refusal.RefusedException known
                      ? known.refusal()
                      : Refusal.unavailable("The stream cannot be renewed right now; try again.");
              if (why.status() >= 500 && mayGoUnheld(session.streamId())) {
                return Future.succeededFuture(Optional.empty());
              }
              LOG.infof("live stream ends, stream=%s, code=%s", session.streamId(), why.code());
              return Future.succeededFuture(Optional.of(why));
            });
  }

  private Future<JobAuthorization.Granted> held(
      LiveSession session, KeyProfile profile, TenantPlan now, int next) {
    return admittance.admit(
        profile,
        new JobAuthorization.Placed(
            session.pricedBy(now), session.tier(), session.model(), List.of()),
        session.capability(),
        session.requestId() + "-" + next,
        LiveBilling.units(config.stretch().toMillis(), next),
        LiveBilling.units(config.stretch().toMillis(), next),
        ReservationRequest.Counts.STRETCH,
        HOLD,
        MultiMap.caseInsensitiveMultiMap(),
        false);
  }

  /** Our own shortness of breath ends no stream at once, and gives none away for long. */
  boolean mayGoUnheld(String streamId) {
    Instant now = clock.instant();
    return now.isBefore(unheld.computeIfAbsent(streamId, first -> now).plus(config.stretch()));
  }

  private void sweep() {
    if (stopped) {
      return;
    }
    Instant old = clock.instant().minus(HOLD);
    unheld.values().removeIf(since -> since.isBefore(old));
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
