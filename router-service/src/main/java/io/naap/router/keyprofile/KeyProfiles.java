package io.naap.router.keyprofile;

import io.naap.contracts.identity.Trust;
import io.naap.contracts.keys.AllowedOrigin;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.ClientAddress;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.Network;
import io.naap.contracts.keys.ResolveKey;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * Whose key a request carries. A key with a wrong checksum costs no I/O; a good one is asked for
 * once and kept, by its SHA-256 and never in the clear, until its time is over or a change is
 * pushed.
 */
@Singleton
public class KeyProfiles {
  private static final Logger LOG = Logger.getLogger(KeyProfiles.class);

  private final KeysClient keys;
  private final Trust trust;
  private final KeyProfileConfig config;
  private final Vertx vertx;
  private final Clock clock;
  private final ClientAddress clientAddress;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Map<String, Future<KeyProfile>> asking = new ConcurrentHashMap<>();
  private final AtomicLong generation = new AtomicLong();

  KeyProfiles(
      @RestClient KeysClient keys, Trust trust, KeyProfileConfig config, Vertx vertx, Clock clock) {
    this.keys = keys;
    this.trust = trust;
    this.config = config;
    this.vertx = vertx;
    this.clock = clock;
    this.clientAddress = new ClientAddress(config.trustedProxies());
  }

  private record Known(Optional<KeyProfile> profile, Instant until) {}

  /** The profile of the key a request carries, all of the key's own conditions checked. */
  public Future<KeyProfile> of(HttpServerRequest request) {
    String given = given(request);
    return of(given)
        .map(profile -> fit(profile, clientAddress.of(request), request.getHeader("Origin")));
  }

  /** The profile of a key that did not come with a client's request. */
  public Future<KeyProfile> of(String given) {
    Optional<ApiKey> key = ApiKey.parse(given);
    if (key.isEmpty()) {
      return Future.failedFuture(unauthorized(given == null));
    }
    String name = sha256(given);
    Known cached = known.get(name);
    Instant now = clock.instant();
    Future<KeyProfile> profile =
        cached != null && cached.until.isAfter(now) ? answer(cached) : ask(name, given);
    return profile.map(
        found -> {
          if (!found.isGoodAt(clock.instant())) {
            throw unauthorized(false);
          }
          if (trust.isSuspended(found.tenantId())) {
            throw Trust.suspended();
          }
          return found;
        });
  }

  private static String given(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return authorization.substring(7).strip();
    }
    return request.getHeader("x-api-key");
  }

  private static Future<KeyProfile> answer(Known cached) {
    return cached
        .profile
        .map(Future::succeededFuture)
        .orElseGet(() -> Future.failedFuture(unauthorized(false)));
  }

  private static KeyProfile fit(KeyProfile profile, String address, String origin) {
    if (!profile.allowedCidrs().isEmpty()
        && profile.allowedCidrs().stream().noneMatch(cidr -> Network.of(cidr).contains(address))) {
      throw Refusal.of(
              403, "address_not_allowed", "This key may not be used from your network address.")
          .raise();
    }
    if (!profile.allowedOrigins().isEmpty()
        && profile.allowedOrigins().stream()
            .noneMatch(allowed -> AllowedOrigin.of(allowed).matches(origin))) {
      throw Refusal.of(403, "origin_not_allowed", "This key may not be used from this web origin.")
          .raise();
    }
    return profile;
  }

  private Future<KeyProfile> ask(String name, String given) {
    // Many requests with one cold key ask once.
    Future<KeyProfile> running = asking.get(name);
    if (running != null) {
      return running;
    }
    long asked = generation.get();
    Future<KeyProfile> answer =
        Future.fromCompletionStage(
                keys.resolve(new ResolveKey(given))
                    // Our own token may be one that is not believed any more: the next one is new.
                    .onFailure(failure -> !isNoSuchKey(failure))
                    .retry()
                    .atMost(1)
                    .subscribe()
                    .asCompletionStage(),
                vertx.getOrCreateContext())
            .map(
                profile -> {
                  // A change pushed while we asked may already have made the answer stale.
                  if (generation.get() == asked) {
                    remember(
                        name,
                        new Known(
                            Optional.of(profile),
                            clock.instant().plusSeconds(profile.ttlSeconds())));
                  }
                  return profile;
                })
            .recover(failure -> Future.failedFuture(refused(name, failure)));
    asking.put(name, answer);
    answer.onComplete(done -> asking.remove(name, answer));
    return answer;
  }

  private Throwable refused(String name, Throwable failure) {
    if (isNoSuchKey(failure)) {
      remember(name, new Known(Optional.empty(), clock.instant().plus(config.refusedFor())));
      return unauthorized(false);
    }
    LOG.debugf(failure, "keys-service did not answer");
    return Refusal.unavailable("The key cannot be checked right now; try again.").raise();
  }

  private static boolean isNoSuchKey(Throwable failure) {
    return failure instanceof WebApplicationException answered
        && answered.getResponse().getStatus() == 404;
  }

  private void remember(String name, Known found) {
    if (known.size() >= config.most()) {
      Instant now = clock.instant();
      known.values().removeIf(old -> !old.until.isAfter(now));
      if (known.size() >= config.most()) {
        known.clear();
      }
    }
    known.put(name, found);
  }

  private static Refusal.RefusedException unauthorized(boolean missing) {
    return Refusal.of(
            401,
            missing ? "key_missing" : "key_invalid",
            missing
                ? "Send an API key in the Authorization header: Bearer naap_..."
                : "The API key is not valid: check that it is whole, enabled and not expired.")
        .raise();
  }

  /** Forgets one key, by push. */
  public void forget(String keyId) {
    generation.incrementAndGet();
    known
        .values()
        .removeIf(
            entry -> entry.profile.map(profile -> profile.keyId().equals(keyId)).orElse(true));
  }

  /** Forgets every key of a tenant, by push. */
  public void forgetTenant(String tenantId) {
    generation.incrementAndGet();
    known
        .values()
        .removeIf(
            entry ->
                entry.profile.map(profile -> profile.tenantId().equals(tenantId)).orElse(true));
  }

  /** Forgets all, when pushes may have been missed. */
  public void forgetAll() {
    generation.incrementAndGet();
    known.clear();
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
