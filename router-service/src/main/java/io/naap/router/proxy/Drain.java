package io.naap.router.proxy;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Ends jobs when the router stops. The router first says that it is not ready ({@code
 * quarkus.shutdown.delay}), then finishes its jobs ({@code quarkus.shutdown.timeout}). A second
 * before that time is over, the jobs that still run are cut: their clients are told and what was
 * delivered is recorded.
 */
@Singleton
public class Drain {
  private static final Logger LOG = Logger.getLogger(Drain.class);
  private static final long MOMENT_MILLIS = 1_000;

  private final Vertx vertx;
  private final Optional<Duration> delay;
  private final Optional<Duration> timeout;
  private final Set<Exchange> running = ConcurrentHashMap.newKeySet();

  Drain(
      Vertx vertx,
      @ConfigProperty(name = "quarkus.shutdown.delay") Optional<Duration> delay,
      @ConfigProperty(name = "quarkus.shutdown.timeout") Optional<Duration> timeout) {
    this.vertx = vertx;
    this.delay = delay;
    this.timeout = timeout;
  }

  void begins(Exchange exchange) {
    running.add(exchange);
  }

  void ends(Exchange exchange) {
    running.remove(exchange);
  }

  /** Quarkus tells its own end only when it closes the connections, which is too late. */
  void stop(@Observes ShutdownDelayInitiatedEvent told) {
    long left =
        delay.orElse(Duration.ZERO).plus(timeout.orElse(Duration.ZERO)).toMillis() - MOMENT_MILLIS;
    vertx.setTimer(Math.max(1, left), over -> cut());
  }

  private void cut() {
    if (!running.isEmpty()) {
      LOG.infof("jobs are cut because the router stops, count=%d", running.size());
      running.forEach(Exchange::cut);
    }
  }
}
