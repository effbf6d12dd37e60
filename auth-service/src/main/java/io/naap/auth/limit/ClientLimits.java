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
 * How often one address, or one IPv6 network of 64 bits, may ask, and one client may fail, in a
 * minute. It is counted in Redis for all replicas; with Redis gone each replica counts for itself,
 * so that an outage opens no door. Clients are limited by their failures alone: whoever knows the
 * secret cannot be locked out by somebody who does not.
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

  /** Counts a request of an address; refuses it with 429 when there were too many. */
  public void check(String endpoint, Origin origin) {
    if (count("a:" + endpoint + ':' + AddressGroup.of(origin.address())) > config.perAddress()) {
      metrics.limited(endpoint, "address");
      throw tooMany("attempts_per_minute", "Too many attempts from your address");
    }
  }

  /** Refuses with 429 a client that has failed too often. */
  public void requireFewFailures(String endpoint, String client) {
    if (read(failures(endpoint, client)) >= config.failuresPerClient()) {
      metrics.limited(endpoint, "client");
      throw tooMany("failures_per_minute", "Too many failed attempts");
    }
  }

  /** Counts a failure of a client; refuses it with 429 when there were too many. */
  public void failed(String endpoint, String client) {
    if (count(failures(endpoint, client)) > config.failuresPerClient()) {
      metrics.limited(endpoint, "client");
      throw tooMany("failures_per_minute", "Too many failed attempts");
    }
  }

  /** What a client calls itself can be anything, so its hash is what is stored. */
  private static String failures(String endpoint, String client) {
    return "f:"
        + endpoint
        + ':'
        + Base64.getUrlEncoder().withoutPadding().encodeToString(Opaque.hash(client).getBytes());
  }

  private Refusal.RefusedException tooMany(String policy, String what) {
    long retryAfter = WINDOW_SECONDS - clock.instant().getEpochSecond() % WINDOW_SECONDS;
    return new Refusal(
            429,
            "too_many_attempts",
            what + "; try again in " + retryAfter + " seconds.",
            List.of(policy),
            Optional.of(retryAfter))
        .raise();
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
