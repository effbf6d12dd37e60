package io.naap.contracts.identity;

import io.naap.contracts.problem.Refusal;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Holds the keys that verify tokens and the list of refused tokens, polled from auth-service every
 * half second. Because it is polled and not read from a Redis Stream, revocations arrive while
 * Redis is unreachable, and a service that was disconnected misses none. While auth-service is
 * unreachable nothing can be revoked, and the last document stays in force for at most {@link
 * TrustConfig#maxAge}.
 */
@ApplicationScoped
public class Trust {
  private static final Logger LOG = Logger.getLogger(Trust.class);

  private final TrustSource source;
  private final Vertx vertx;
  private final Clock clock;
  private final Duration every;
  private final Duration maxAge;
  private volatile Known known = new Known("", Map.of(), Map.of(), Instant.MIN);
  private boolean outage;
  private volatile boolean stopping;

  Trust(TrustSource source, Vertx vertx, Clock clock, TrustConfig config) {
    this.source = source;
    this.vertx = vertx;
    this.clock = clock;
    this.every = config.every();
    this.maxAge = config.maxAge();
  }

  private record Known(
      String version, Map<String, PublicKey> keys, Map<String, Long> refused, Instant asOf) {}

  void start(@Observes StartupEvent started) {
    vertx.getOrCreateContext().runOnContext(begin -> poll());
  }

  private void poll() {
    if (stopping) {
      return;
    }
    source
        .read(known.version)
        .subscribe()
        .with(
            document -> {
              take(document);
              if (outage) {
                LOG.info("auth-service answers again");
              }
              outage = false;
              again();
            },
            failure -> {
              if (!outage) {
                LOG.warnf("auth-service does not answer which tokens are good: %s", failure);
              }
              outage = true;
              again();
            });
  }

  void stop(@Observes ShutdownEvent ending) {
    stopping = true;
  }

  private void again() {
    if (!stopping) {
      vertx.setTimer(every.toMillis(), timer -> poll());
    }
  }

  private void take(Optional<TrustDocument> document) {
    Instant now = clock.instant();
    known =
        document
            .map(
                read ->
                    new Known(
                        read.version(),
                        read.keys().stream()
                            .collect(
                                Collectors.toUnmodifiableMap(
                                    TrustDocument.Key::kid, Trust::publicKey)),
                        read.refused(),
                        now))
            .orElseGet(() -> new Known(known.version, known.keys, known.refused, now));
  }

  /**
   * False when auth-service has not answered for longer than the limit, so that no token may be
   * accepted.
   */
  boolean isFresh() {
    Instant asOf = known.asOf;
    return !asOf.equals(Instant.MIN) && asOf.plus(maxAge).isAfter(clock.instant());
  }

  /** The published signing key with that id. */
  Optional<PublicKey> key(String kid) {
    return Optional.ofNullable(known.keys.get(kid));
  }

  /** True when a subject's token that was issued at that second is refused. */
  boolean refuses(String subject, long issuedAt) {
    Long before = known.refused.get(subject);
    return before != null && issuedAt < before;
  }

  /** True when a tenant is suspended, so that its people and its API keys are refused. */
  public boolean isSuspended(String tenantId) {
    // Called for every job; the list is empty most of the time.
    return !known.refused.isEmpty() && refuses(Subject.tenant(tenantId), 0);
  }

  /** The refusal of a caller whose tenant is suspended. */
  public static Refusal.RefusedException suspended() {
    return Refusal.of(403, "tenant_suspended", "The tenant is suspended; ask the operator.")
        .raise();
  }

  private static PublicKey publicKey(TrustDocument.Key key) {
    try {
      AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
      curve.init(new ECGenParameterSpec("secp256r1"));
      Function<String, BigInteger> coordinate =
          text -> new BigInteger(1, Base64.getUrlDecoder().decode(text));
      ECPoint point = new ECPoint(coordinate.apply(key.x()), coordinate.apply(key.y()));
      return KeyFactory.getInstance("EC")
          .generatePublic(
              new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class)));
    } catch (GeneralSecurityException unusable) {
      throw new IllegalStateException("the key " + key.kid() + " is not on P-256", unusable);
    }
  }
}
