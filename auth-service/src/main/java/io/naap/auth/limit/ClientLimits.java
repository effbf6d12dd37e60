package io.naap.auth.limit;

import io.naap.auth.audit.Origin;
import io.naap.auth.metrics.AuthMetrics;
import io.naap.auth.secret.Opaque;
import io.naap.contracts.edge.AddressGroup;
import io.naap.contracts.problem.Refusal;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.keys.KeyCommands;
import io.quarkus.redis.datasource.value.ValueCommands;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Limits how many requests one client address (an IPv6 /64) may send and how often one client may
 * fail, per minute. Counts in Redis, for all replicas together; while Redis is unreachable each
 * replica counts for itself, so an outage does not lift the limits. A client is limited by failures
 * only, so others who fail in its name do not lock out a service that knows its secret.
 */
@ApplicationScoped
public class ClientLimits {
  private static final Logger LOG = Logger.getLogger(ClientLimits.class);
  private static final long WINDOW_SECONDS = 60;
  private static final int MOST_COUNTED = 100_000;

  private final ValueCommands<String, Long> counters;
  private final KeyCommands<String> keys;
  private final AuthMetrics metrics;
  private final Clock clock;
  private final LimitConfig config;
  private final Map<String, Long> own = new ConcurrentHashMap<>();
  private volatile long ownWindow;
  private volatile boolean outage;

  ClientLimits(RedisDataSource redis, AuthMetrics metrics, Clock clock, LimitConfig config) {
    this.counters = redis.value(Long.class);
    this.keys = redis.key();
    this.metrics = metrics;
    this.clock = clock;
    this.config = config;
  }

  /** Counts a request of a client address; a refusal (429) above the limit. */
  public Optional<Refusal> check(String endpoint, Origin origin) {
    return count("a:" + endpoint + ':' + AddressGroup.of(origin.address())) > config.perAddress()
        ? limited(endpoint, "address", "attempts_per_minute", "Too many attempts from your address")
        : Optional.empty();
  }

  /** A refusal (429) when a client has reached the limit of failures. */
  public Optional<Refusal> tooManyFailures(String endpoint, String client) {
    return read(failures(endpoint, client)) >= config.failuresPerClient()
        ? limited(endpoint, "client", "failures_per_minute", "Too many failed attempts")
        : Optional.empty();
  }

  /** Counts a failure of a client; a refusal (429) above the limit. */
  public Optional<Refusal> failed(String endpoint, String client) {
    return count(failures(endpoint, client)) > config.failuresPerClient()
        ? limited(endpoint, "client", "failures_per_minute", "Too many failed attempts")
        : Optional.empty();
  }

  /** The Redis key holds the SHA-256 of the client's name, which may be any text. */
  private static String failures(String endpoint, String client) {
    return "f:"
        + endpoint
        + ':'
        + Base64.getUrlEncoder().withoutPadding().encodeToString(Opaque.hash(client).getBytes());
  }

  private Optional<Refusal> limited(String endpoint, String by, String policy, String what) {
    metrics.limited(endpoint, by);
    long retryAfter = WINDOW_SECONDS - clock.instant().getEpochSecond() % WINDOW_SECONDS;
    return Optional.of(
        new Refusal(
            429,
            "too_many_attempts",
            what + "; try again in " + retryAfter + " seconds.",
            List.of(policy),
            Optional.of(retryAfter)));
  }

  private long count(String what) {
    String counter = counter(what);
    try {
      long attempts = counters.incr(counter);
      if (attempts == 1) {
        keys.expire(counter, 2 * WINDOW_SECONDS);
      }
      outage = false;
      return attempts;
    } catch (RuntimeException redisIsGone) {
      tell(redisIsGone);
      return own(counter, 1);
    }
  }

  private long read(String what) {
    String counter = counter(what);
    try {
      Long failures = counters.get(counter);
      return failures == null ? 0 : failures;
    } catch (RuntimeException redisIsGone) {
      tell(redisIsGone);
      return own(counter, 0);
    }
  }

  private String counter(String what) {
    return "naap:auth:" + what + ':' + clock.instant().getEpochSecond() / WINDOW_SECONDS;
  }

  private void tell(RuntimeException redisIsGone) {
    if (!outage) {
      outage = true;
      LOG.warnf("Redis does not answer: each replica limits for itself: %s", redisIsGone);
    }
  }

  private long own(String counter, long more) {
    long window = clock.instant().getEpochSecond() / WINDOW_SECONDS;
    if (window != ownWindow || own.size() > MOST_COUNTED) {
      ownWindow = window;
      own.clear();
    }
    return own.merge(counter, more, Long::sum);
  }
}
