package io.naap.auth.token;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Reads the signing keys again every second, so that replicas sign with the same one, and looks
 * every minute whether the next is due; replicas may all do so.
 */
@ApplicationScoped
public class KeyRotation {
  private static final Logger LOG = Logger.getLogger(KeyRotation.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int ROUNDS_A_LOOK = 60;

  private final SigningKeys keys;
  private Thread thread;

  KeyRotation(SigningKeys keys) {
    this.keys = keys;
  }

  void start(@Observes StartupEvent started) {
    thread = Thread.ofVirtual().name("key-rotation").start(this::watch);
  }

  void stop(@Observes ShutdownEvent ending) {
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void watch() {
    boolean outage = false;
    for (int round = 0; !Thread.currentThread().isInterrupted(); round++) {
      try {
        keys.reread();
        if (round % ROUNDS_A_LOOK == 0 && keys.rotateWhenDue()) {
          LOG.info("the next signing key is published and will sign soon");
        }
        outage = false;
      } catch (RuntimeException failed) {
        // The boundary of this thread: what is known stays in force, and the next round tries
        // again.
        if (!outage) {
          LOG.warnf("the signing keys cannot be read: %s", failed);
        }
        outage = true;
      }
      if (!pause()) {
        return;
      }
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(EVERY);
      return true;
    } catch (InterruptedException stopped) {
      return false;
    }
  }
}
