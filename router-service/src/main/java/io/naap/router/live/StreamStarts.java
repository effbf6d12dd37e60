package io.naap.router.live;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.router.proxy.GatewayRefusal;
import io.naap.router.proxy.JobAuthorization;
import io.naap.router.proxy.RoutedJob;
import io.naap.router.routing.Outliers;
import io.naap.router.routing.Pool;
import io.naap.router.routing.Route;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import jakarta.inject.Singleton;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Begins streams: takes the first stretch's hold, saves the session, and offers the stream to its
 * gateways. A gateway that cannot be reached was sent nothing, so the next one may have the stream;
 * any other answer than the wanted one ends the stream before it began.
 */
@Singleton
class StreamStarts {
  private final JobAuthorization authorization;
  private final StreamRenewal renewal;
  private final LiveSessions sessions;
  private final ConcurrencySlots slots;
  private final LiveBilling billing;
  private final Outliers outliers;
  private final Ids ids;
  private final Clock clock;

  StreamStarts(
      JobAuthorization authorization,
      StreamRenewal renewal,
      LiveSessions sessions,
      ConcurrencySlots slots,
      LiveBilling billing,
      Outliers outliers,
      Ids ids,
      Clock clock) {
    this.authorization = authorization;
    this.renewal = renewal;
    this.sessions = sessions;
    this.slots = slots;
    this.billing = billing;
    this.outliers = outliers;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * A stream that somebody wants to begin.
   *
   * @param headers of the answer; limits are told there
   * @param at the gateway that has the stream already, when it did not come through this router
   */
  record Wanted(
      String capability,
      Optional<String> model,
      String requestId,
      MultiMap headers,
      Optional<Route> at) {}

  /** A session, and the gateways that may have it. */
  record Begun(LiveSession session, List<Route> routes) {}

  /** A session at the gateway that took it. */
  record Taken(LiveSession session, GatewayCalls.Answer answer) {}

  /** Takes the hold of the first stretch, and saves the session. */
  Future<Begun> begin(KeyProfile profile, Wanted wanted) {
    String streamId = ids.next(IdKind.STREAM);
    Instant opened = clock.instant();
    return authorization
        .route(profile, wanted.capability, wanted.model, Optional.empty())
        .map(routed -> at(routed, wanted))
        .compose(
            routed ->
                authorization
                    .admit(
                        profile,
                        routed,
                        renewal.hold(wanted.requestId, 0, wanted.capability),
                        wanted.headers,
                        false)
                    .map(
                        granted ->
                            session(streamId, profile, wanted, routed, opened)
                                .fundedBy(granted.hold().fundingId()))
                    .compose(session -> save(new Begun(session, routed.routes()))));
  }

  private static LiveSession session(
      String streamId, KeyProfile profile, Wanted wanted, RoutedJob routed, Instant opened) {
    return new LiveSession(
            streamId,
            wanted.requestId,
            profile,
            routed.plan(),
            new LiveSession.Work(routed.tier(), wanted.capability, routed.model()),
            null,
            opened,
            Optional.empty())
        .at(routed.routes().getFirst());
  }

  private Future<Begun> save(Begun begun) {
    return sessions
        .save(begun.session)
        .compose(saved -> slots.begin(begun.session))
        .map(begun)
        .recover(lost -> neverBegan(begun.session, lost));
  }

  /** A gateway that has a stream already must be of its tier, as if the stream came through us. */
  private static RoutedJob at(RoutedJob routed, Wanted wanted) {
    if (wanted.at.isEmpty()) {
      return routed;
    }
    Pool pool = wanted.at.get().pool();
    if (!pool.tier().equals(routed.tier()) || !pool.serves(wanted.capability, routed.model())) {
      throw Refusal.of(
              403,
              "not_in_tier",
              "The tier \""
                  + routed.tier()
                  + "\" does not have "
                  + routed.model()
                  + " at this gateway.")
          .raise();
    }
    return new RoutedJob(routed.plan(), routed.tier(), routed.model(), List.of(wanted.at.get()));
  }

  /** The session could not be saved, so nobody knows of the stream: its hold is given back. */
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
   * A stream that is offered to one of its gateways.
   *
   * @param call asks the gateway of the session that it is given
   * @param good the status of a gateway that takes the stream
   * @param at which of the gateways is asked
   */
  private record Offer(
      Begun begun,
      Function<LiveSession, Future<GatewayCalls.Answer>> call,
      int good,
      int at,
      long forwardedNanos) {
    LiveSession session() {
      return begun.session;
    }

    Route route() {
      return begun.routes.get(at);
    }
  }

  Future<Taken> offer(
      Begun begun, Function<LiveSession, Future<GatewayCalls.Answer>> call, int good) {
    return offer(new Offer(begun, call, good, 0, System.nanoTime()));
  }

  private Future<Taken> offer(Offer offer) {
    return offer
        .call
        .apply(offer.session())
        .transform(
            asked ->
                asked.succeeded() ? answered(offer, asked.result()) : lost(offer, asked.cause()));
  }

  private Future<Taken> answered(Offer offer, GatewayCalls.Answer answer) {
    LiveSession session = offer.session();
    if (answer.status() == offer.good) {
      outliers.succeeded(offer.route(), session.capability(), session.model());
      return Future.succeededFuture(new Taken(session, answer));
    }
    GatewayRefusal refused =
        GatewayRefusal.of(session.capability(), answer.status(), answer.body().toString());
    return switch (refused.kind()) {
      case CUSTOMER -> {
        outliers.answered(offer.route());
        yield failed(session, refused.refusal());
      }
      case NO_CAPACITY -> {
        unserved(offer, "status");
        yield failed(session, noCapacity(offer));
      }
      case FAILED -> {
        unserved(offer, "status");
        yield notTaken(session);
      }
    };
  }

  private void unserved(Offer offer, String reason) {
    LiveSession session = offer.session();
    outliers.unserved(
        offer.route(), reason, session.capability(), session.model(), offer.forwardedNanos);
  }

  private static Refusal noCapacity(Offer offer) {
    LiveSession session = offer.session();
    return GatewayRefusal.noCapacity(
            Outliers.retryAfter(offer.begun.routes, session.capability(), session.model()))
        .refusal();
  }

  private Future<Taken> lost(Offer offer, Throwable cause) {
    LiveSession session = offer.session();
    if (cause instanceof Refusal.RefusedException refused) {
      return failed(session, refused.refusal());
    }
    if (!(cause instanceof ConnectException)) {
      // It dropped the connection or is late: it has no capacity, or is down.
      unserved(offer, "connection");
      outliers.suspect(offer.route());
      return failed(session, noCapacity(offer));
    }
    outliers.unreachable(offer.route());
    int next = offer.at + 1;
    if (next >= offer.begun.routes.size()) {
      return failed(
          session,
          new Refusal(
              503,
              "gateway_unreachable",
              "The gateway cannot be reached; try again.",
              null,
              Optional.of(1L)));
    }
    Begun moved = new Begun(session.at(offer.begun.routes.get(next)), offer.begun.routes);
    return sessions
        .save(moved.session)
        .compose(saved -> offer(new Offer(moved, offer.call, offer.good, next, System.nanoTime())));
  }

  /** The gateway answered, and does not take the stream. */
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
}
