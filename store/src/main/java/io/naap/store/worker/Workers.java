package io.naap.store.worker;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** The background loops of this service. */
@ApplicationScoped
public class Workers {
  /** A round that takes longer, without a beat, counts as stuck. */
  public static final Duration STUCK = Duration.ofMinutes(5);

  private final MeterRegistry registry;
  private final List<Watched> watched = new CopyOnWriteArrayList<>();

  private record Watched(String name, BooleanSupplier isAlive) {}

  Workers(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Starts a loop. */
  public Worker start(String name, Duration interval, Worker.Round round) {
    return start(name, interval, STUCK, round);
  }

  /**
   * The same.
   *
   * @param stuckAfter a round that takes longer, without a beat, hangs
   */
  public Worker start(String name, Duration interval, Duration stuckAfter, Worker.Round round) {
    Worker worker =
        new Worker(
                name,
                interval,
                stuckAfter,
                round,
                registry.counter("worker_rounds_failed_total", "worker", name))
            .start();
    watch(name, worker::isAlive);
    return worker;
  }

  /** Watches a loop that has a thread of its own. */
  public void watch(String name, BooleanSupplier isAlive) {
    watched.add(new Watched(name, isAlive));
  }

  /** The names of loops that are dead or stuck. */
  public List<String> stuck() {
    return watched.stream()
        .filter(loop -> !loop.isAlive.getAsBoolean())
        .map(Watched::name)
        .toList();
  }
}
