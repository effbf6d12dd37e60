package io.naap.router.neighbour;

import io.naap.contracts.edge.AddressGroup;
import io.naap.contracts.edge.EdgeConfig;
import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.identity.Trust;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.ClientAddress;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.ResolveKey;
import io.naap.contracts.keys.UnknownKeyLimit;
import io.naap.contracts.problem.Refusal;
import io.naap.router.metrics.RouterMetrics;
import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * Finds the profile of the API key that a request carries. A key with a wrong checksum is refused
 * without asking; a good one is asked for once and cached, under its SHA-256 and never in the
 * clear, until its time is over or a change is pushed.
 */
@Singleton
public class KeyProfiles implements ChangeListener {
  private static final Logger LOG = Logger.getLogger(KeyProfiles.class);

  /** Kept for each thread, because looking the algorithm up costs more than the digest. */
  private static final FastThreadLocal<MessageDigest> SHA_256 =
      new FastThreadLocal<>() {
        @Override
        protected MessageDigest initialValue() throws NoSuchAlgorithmException {
          return MessageDigest.getInstance("SHA-256");
        }
      };

  private final KeysClient keys;
  private final NeighbourGuard guard;
  private final Trust trust;
  private final NeighbourGuards guards;
  private final Clock clock;
  private final ClientAddress clientAddress;
  private final RouterMetrics metrics;
  private final UnknownKeyLimit unknown;

  /** By SHA-256 of the key; empty when there is no such key. */
  private final RefreshingCache<Optional<KeyProfile>> known;

  KeyProfiles(
      @RestClient KeysClient keys,
      Trust trust,
      KeyProfileConfig config,
      EdgeConfig edge,
      CacheConfig cache,
      RouterMetrics metrics,
      NeighbourGuards guards,
      Clock clock) {
    this.keys = keys;
    this.guard = guards.guard("keys");
    this.trust = trust;
    this.guards = guards;
    this.clock = clock;
    this.clientAddress = new ClientAddress(edge.trustedProxies(), edge.clientAddressHeader());
    this.metrics = metrics;
    this.unknown = new UnknownKeyLimit(config.unknownPerMinute(), clock);
    this.known =
        new RefreshingCache<>(
            config.most(),
            found ->
                found
                    .map(profile -> Duration.ofSeconds(profile.ttlSeconds()))
                    .orElse(config.refusedFor()),
            found ->
                found
                    .map(profile -> List.of(profile.keyId(), profile.tenantId()))
                    .orElse(List.of()),
            cache.staleFor(),
            guards.aside(),
            clock);
  }

  /** The profile of the key a request carries, all of the key's own conditions checked. */
  public Future<KeyProfile> of(HttpServerRequest request) {
    return good(given(request), () -> Optional.of(AddressGroup.of(clientAddress.of(request))))
        .map(
            profile ->
                KeyRules.isLimited(profile)
                    ? unless(
                        KeyRules.client(
                            profile,
                            () -> clientAddress.of(request),
                            () -> request.getHeader("Origin")),
                        profile)
                    : profile);
  }

  /**
   * The profile of a key that came to a gateway as a stream key. A gateway does not say where its
   * client is, so keys that are limited to addresses or origins are refused.
   */
  public Future<KeyProfile> ofStreamKey(String given) {
    return good(given, Optional::empty)
        .map(profile -> unless(KeyRules.streamKey(profile), profile));
  }

  private static KeyProfile unless(Optional<Refusal> refusal, KeyProfile profile) {
    if (refusal.isPresent()) {
      throw refusal.get().raise();
    }
    return profile;
  }

  /**
   * @param address of the client, looked at only for a key that is not cached; empty where many
   *     clients share one address and one of them could use up the limit of all
   */
  private Future<KeyProfile> good(String given, Supplier<Optional<String>> address) {
    Optional<ApiKey> key = ApiKey.parse(given);
    if (key.isEmpty()) {
      return Future.failedFuture((given == null ? KeyRules.MISSING : KeyRules.INVALID).raise());
    }
    return known
        .of(sha256(given), () -> look(given, address.get()))
        .map(
            answer -> {
              KeyProfile found = answer.orElseThrow(KeyRules.INVALID::raise);
              unless(KeyRules.good(found, clock.instant()), found);
              if (trust.isSuspended(found.tenantId())) {
                throw Trust.suspended();
              }
              return found;
            });
  }

  /** Asks for a key that is not cached, unless its sender has sent too many unknown keys. */
  private Future<Optional<KeyProfile>> look(String given, Optional<String> client) {
    if (client.isEmpty()) {
      return ask(given);
    }
    String address = client.get();
    if (!unknown.mayAsk(address)) {
      metrics.refused("unknown_keys");
      return Future.failedFuture(KeyRules.tooManyUnknown(unknown.secondsLeft()).raise());
    }
    return ask(given)
        .onComplete(
            asked -> {
              if (asked.failed() || asked.result().isPresent()) {
                unknown.forget(address);
              }
            });
  }

  private static String given(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return authorization.substring(7).strip();
    }
    return request.getHeader("x-api-key");
  }

  private Future<Optional<KeyProfile>> ask(String given) {
    return guard
        .call(() -> keys.resolve(new ResolveKey(given)), guards.context())
        .map(Optional::of)
        .recover(
            failure -> {
              if (isNoSuchKey(failure)) {
                return Future.succeededFuture(Optional.empty());
              }
              LOG.debugf(failure, "keys-service did not answer");
              return Future.failedFuture(
                  Refusal.unavailable("The key cannot be checked right now; try again.").raise());
            });
  }

  private static boolean isNoSuchKey(Throwable failure) {
    return failure instanceof WebApplicationException answered
        && answered.getResponse().getStatus() == 404;
  }

  @Override
  public void keyChanged(KeyChanged changed) {
    known.changed(changed.keyId().orElse(changed.tenantId()));
  }

  @Override
  public void forgetAll() {
    known.forgetAll();
  }

  private static String sha256(String text) {
    return HexFormat.of().formatHex(SHA_256.get().digest(text.getBytes(StandardCharsets.US_ASCII)));
  }
}
