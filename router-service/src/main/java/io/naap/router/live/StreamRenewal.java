package io.naap.router.live;

import io.naap.contracts.ids.EventId;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.proxy.JobAuthorization;
import io.naap.router.proxy.RoutedJob;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Takes the hold of a stream's next stretch, as long as the key, the tenant's standing, its limits
 * and its money allow it.
 */
@Singleton
class StreamRenewal {
  private static final Logger LOG = Logger.getLogger(StreamRenewal.class);
  private static final Duration HOLD = Duration.ofSeconds(90);

  private final JobAuthorization authorization;
  private final ConcurrencySlots slots;
  private final RunningKeys keys;
  private final LiveConfig config;
  private final Clock clock;

  /** Streams that run without a hold for their stretch, and since when. */
  private final Map<String, Instant> unheld = new ConcurrentHashMap<>();

  StreamRenewal(
      JobAuthorization authorization,
      ConcurrencySlots slots,
      RunningKeys keys,
      LiveConfig config,
      Clock clock) {
    this.authorization = authorization;
    this.slots = slots;
    this.keys = keys;
    this.config = config;
    this.clock = clock;
  }

  /** The hold of one stretch. */
  JobAuthorization.HoldRequest hold(String requestId, int sequence, String capability) {
    Units units = StretchBill.units(config.stretch().toMillis(), sequence);
    return new JobAuthorization.HoldRequest(
        EventId.of(requestId, sequence),
        capability,
        units,
        units,
        sequence == 0 ? ReservationRequest.Counts.STREAM : ReservationRequest.Counts.STRETCH,
        HOLD);
  }

  /** Why the stream may not go on; empty when it may. */
  Future<Optional<Refusal>> renew(LiveSession session, int sequence) {
    return keys.current(session.profile())
        .compose(profile -> renew(session, profile, sequence))
        .map(
            granted -> {
              unheld.remove(session.streamId());
              return Optional.<Refusal>empty();
            })
        .recover(refused -> Future.succeededFuture(refused(session, refused)));
  }

  private Future<JobAuthorization.Granted> renew(
      LiveSession session, KeyProfile profile, int sequence) {
    return authorization
        .mayGoOn(profile, session.capability(), session.model(), session.tier())
        .compose(
            now ->
                slots
                    .keep(session, profile, now)
                    .compose(kept -> admit(session, profile, now, sequence)));
  }

  private Future<JobAuthorization.Granted> admit(
      LiveSession session, KeyProfile profile, TenantPlan now, int sequence) {
    return authorization.admit(
        profile,
        new RoutedJob(session.pricedBy(now), session.tier(), session.model(), List.of()),
        hold(session.requestId(), sequence, session.capability()),
        MultiMap.caseInsensitiveMultiMap(),
        false);
  }

  private Optional<Refusal> refused(LiveSession session, Throwable refused) {
    Refusal why =
        refused instanceof Refusal.RefusedException known
            ? known.refusal()
            : Refusal.unavailable("The stream cannot be renewed right now; try again.");
    if (why.status() >= 500 && mayGoUnheld(session.streamId())) {
      return Optional.empty();
    }
    LOG.infof("live stream ends, stream=%s, code=%s", session.streamId(), why.code());
    return Optional.of(why);
  }

  /** On a 5xx of our own, a stream may run one more stretch without a hold; then it ends. */
  boolean mayGoUnheld(String streamId) {
    Instant now = clock.instant();
    return now.isBefore(unheld.computeIfAbsent(streamId, first -> now).plus(config.stretch()));
  }

  /** Forgets streams that ended while they had no hold. */
  void forgetOld() {
    Instant old = clock.instant().minus(HOLD);
    unheld.values().removeIf(since -> since.isBefore(old));
  }
}
