package io.naap.router.proxy;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The end of a router: told to stop, it first says that it is not ready ({@code
 * quarkus.shutdown.delay}), then finishes what it serves ({@code quarkus.shutdown.timeout}); what
 * still runs after that is cut here, its client told, and what was delivered recorded, before the
 * spool closes.
 */
@Singleton
public class Drain {
  private static final Logger LOG = Logger.getLogger(Drain.class);
  private static final int BEFORE_THE_SPOOL = 100;
  private static final long PATIENCE_MILLIS = 2_000;

  private final Set<Exchange> running = ConcurrentHashMap.newKeySet();

  void begins(Exchange exchange) {
    running.add(exchange);
  }

  void ends(Exchange exchange) {
    running.remove(exchange);
  }

  void stop(@Observes @Priority(BEFORE_THE_SPOOL) ShutdownEvent stopped)
      throws InterruptedException {
    if (running.isEmpty()) {
      return;
    }
    LOG.infof("jobs are cut because the router stops, count=%d", running.size());
    running.forEach(Exchange::cut);
    for (long waited = 0; !running.isEmpty() && waited < PATIENCE_MILLIS; waited += 20) {
      Thread.sleep(20);
    }
    // What was just written is still on its way to clients.
    Thread.sleep(100);
  }
}
