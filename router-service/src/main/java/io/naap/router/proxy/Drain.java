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
 * The end of a router: told to stop, it first says that it is not ready ({@code
 * quarkus.shutdown.delay}), then finishes what it serves ({@code quarkus.shutdown.timeout}). What
 * still runs a moment before that time is over is cut here, its client told, and what was delivered
 * recorded: afterwards connections just end.
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

  /** Quarkus serves on until its timeout; its own end of it comes too late to tell anybody. */
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
