package io.naap.router.routing;

import io.naap.router.file.WatchedFile;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The routing table in force. The file is watched by its content, so that a ConfigMap swapped
 * behind a symbolic link counts. A bad table is refused and the last good one stays; at the start
 * there is none, and a bad table stops the start.
 */
@Singleton
public class RoutingTables {
  private static final Logger LOG = Logger.getLogger(RoutingTables.class);

  private final RoutingConfig config;
  private final Vertx vertx;
  private final Map<String, GatewayState> states = new ConcurrentHashMap<>();
  private WatchedFile file;
  private volatile RoutingTable current;

  RoutingTables(RoutingConfig config, Vertx vertx) {
    this.config = config;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent started) throws IOException {
    String text = Files.readString(config.routingTable());
    file = new WatchedFile(config.routingTable(), text);
    try {
      current = read(text);
    } catch (IllegalArgumentException bad) {
      throw new IllegalStateException(
          "naap.router.routing-table: " + config.routingTable() + ": " + bad.getMessage(), bad);
    }
    vertx.setPeriodic(
        config.routingTableEvery().toMillis(), timer -> vertx.executeBlocking(this::reload, true));
  }

  private RoutingTable read(String yaml) {
    return new RoutingTableReader(
            name -> states.computeIfAbsent(name, fresh -> new GatewayState()),
            System::getenv,
            config.region().orElse(""))
        .read(yaml);
  }

  Void reload() {
    try {
      Optional<String> changed = file.changed();
      if (changed.isPresent()) {
        current = read(changed.get());
        LOG.info("routing table reloaded");
      }
    } catch (IOException | IllegalArgumentException bad) {
      LOG.errorf("routing table refused, the last good one stays: %s", bad.getMessage());
    }
    return null;
  }

  /** The address by which clients reach this platform. */
  public String publicUrl() {
    return config.publicUrl();
  }

  public RoutingTable current() {
    return current;
  }
}
