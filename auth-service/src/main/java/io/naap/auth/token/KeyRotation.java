package io.naap.auth.token;

import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Reads the signing keys from Postgres every second, so that all replicas sign with the same key,
 * and checks every minute whether the next key is due. Runs on every replica; a lock in Postgres
 * lets only one create the key.
 */
@ApplicationScoped
public class KeyRotation {
  private static final Logger LOG = Logger.getLogger(KeyRotation.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int ROUNDS_A_LOOK = 60;

  private final SigningKeys keys;
  private final Workers workers;
  private Worker worker;
  private int rounds;

  KeyRotation(SigningKeys keys, Workers workers) {
    this.keys = keys;
    this.workers = workers;
  }

  void start(@Observes StartupEvent started) {
    worker = workers.start("key-rotation", EVERY, this::look);
  }

  void stop(@Observes ShutdownEvent ending) {
    if (worker != null) {
      worker.stop();
    }
  }

  /** When a round fails, the keys read last stay in use. */
  private void look() {
    keys.reread();
    if (rounds++ % ROUNDS_A_LOOK == 0 && keys.rotateWhenDue()) {
      LOG.info("the next signing key is published and will sign soon");
    }
  }
}
