package io.naap.auth.limit;

import io.naap.auth.AuthConfig;
import io.naap.auth.AuthMetrics;
import io.naap.contracts.problem.Refusal;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.keys.KeyCommands;
import io.quarkus.redis.datasource.value.ValueCommands;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * How often one address may ask in a minute, counted in Redis for all replicas. With Redis gone
 * people can still sign in: nonces and signatures are what keeps strangers out, this only slows
 * them.
 */
@ApplicationScoped
public class ClientLimits {
  private static final Logger LOG = Logger.getLogger(ClientLimits.class);
  private static final long WINDOW_SECONDS = 60;

  private final ValueCommands<String, Long> counters;
  private final KeyCommands<String> keys;
  private final AuthMetrics metrics;
  private final Clock clock;
  private final long most;
  private volatile boolean outage;

  ClientLimits(RedisDataSource redis, AuthMetrics metrics, Clock clock, AuthConfig config) {
    this.counters = redis.value(Long.class);
    this.keys = redis.key();
    this.metrics = metrics;
    this.clock = clock;
    this.most = config.attemptsPerMinute();
  }

  /**
   * Counts a request; refuses it with 429 when its address has asked too often. Runs on a virtual
   * thread.
   */
  public void check(String endpoint, HttpServerRequest request) {
    long now = clock.instant().getEpochSecond();
    String counter =
        "naap:auth:attempts:" + endpoint + ':' + address(request) + ':' + now / WINDOW_SECONDS;
    long attempts;
    try {
      attempts = counters.incr(counter);
      if (attempts == 1) {
        keys.expire(counter, 2 * WINDOW_SECONDS);
      }
      outage = false;
    } catch (RuntimeException redisIsGone) {
      if (!outage) {
        outage = true;
        LOG.warn("Redis does not answer: attempts are not limited", redisIsGone);
      }
      return;
    }
    if (attempts > most) {
      metrics.limited(endpoint);
      long retryAfter = WINDOW_SECONDS - now % WINDOW_SECONDS;
      throw new Refusal(
              429,
              "too_many_attempts",
              "Too many attempts from your address; try again in " + retryAfter + " seconds.",
              List.of("attempts_per_minute"),
              Optional.of(retryAfter))
          .raise();
    }
  }

  /** The origin replaces X-Forwarded-For, so its one value is the client. */
  private static String address(HttpServerRequest request) {
    String forwarded = request.getHeader("x-forwarded-for");
    String peer = request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
    boolean fromOrigin = forwarded != null && forwarded.length() < 64;
    return fromOrigin ? forwarded : peer;
  }
}
