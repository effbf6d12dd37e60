package io.naap.router.live;

import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.identity.Trust;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.router.neighbour.ChangeListener;
import io.naap.router.neighbour.NeighbourGuard;
import io.naap.router.neighbour.NeighbourGuards;
import io.naap.router.neighbour.RunningKeysClient;
import io.vertx.core.Future;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * The keys under which streams run. A stream outlives its request, so its key is looked up again at
 * every heartbeat; answers are cached until a change is pushed. While keys-service does not answer,
 * the key counts as it was when the stream began: money and limits are still checked.
 */
@Singleton
public class RunningKeys implements ChangeListener {
  private static final Logger LOG = Logger.getLogger(RunningKeys.class);
  private static final int MOST = 20_000;

  private final RunningKeysClient keys;
  private final NeighbourGuard guard;
  private final Trust trust;
  private final NeighbourGuards guards;
  private final Clock clock;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  /** Counts changes: an answer that was asked for before the last change is not cached. */
  private final AtomicLong changes = new AtomicLong();

  RunningKeys(
      @RestClient RunningKeysClient keys, NeighbourGuards guards, Trust trust, Clock clock) {
    this.keys = keys;
    this.guard = guards.guard("keys");
    this.trust = trust;
    this.guards = guards;
    this.clock = clock;
  }

  private record Known(Optional<KeyProfile> profile, Instant until) {}

  /**
   * The profile of a key that may still be used.
   *
   * @param seen as it was when the stream began
   * @return fails with the reason why not
   */
  Future<KeyProfile> current(KeyProfile seen) {
    if (trust.isSuspended(seen.tenantId())) {
      return Future.failedFuture(Trust.suspended());
    }
    Known cached = known.get(seen.keyId());
    if (cached != null && cached.until.isAfter(clock.instant())) {
      return good(cached.profile);
    }
    long asked = changes.get();
    return guard
        .call(() -> keys.profile(seen.keyId()), guards.context())
        .map(Optional::of)
        .recover(
            failure ->
                failure instanceof WebApplicationException answered
                        && answered.getResponse().getStatus() == 404
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(failure))
        .map(found -> remember(seen, found, asked))
        .recover(
            failure -> {
              LOG.debugf(failure, "keys-service did not answer");
              return Future.succeededFuture(Optional.of(seen));
            })
        .compose(this::good);
  }

  private Optional<KeyProfile> remember(KeyProfile seen, Optional<KeyProfile> found, long asked) {
    if (known.size() >= MOST) {
      known.clear();
    }
    known.put(seen.keyId(), new Known(found, clock.instant().plusSeconds(seen.ttlSeconds())));
    if (changes.get() != asked) {
      known.remove(seen.keyId());
    }
    return found;
  }

  private Future<KeyProfile> good(Optional<KeyProfile> profile) {
    return profile
        .filter(found -> found.isGoodAt(clock.instant()))
        .map(Future::succeededFuture)
        .orElseGet(
            () ->
                Future.failedFuture(
                    Refusal.of(
                            401,
                            "key_ended",
                            "The API key of this stream was revoked, disabled or has expired.")
                        .raise()));
  }

  @Override
  public void keyChanged(KeyChanged changed) {
    changed.keyId().ifPresentOrElse(this::forget, this::forgetAll);
  }

  private void forget(String keyId) {
    changes.incrementAndGet();
    known.remove(keyId);
  }

  @Override
  public void forgetAll() {
    changes.incrementAndGet();
    known.clear();
  }
}
