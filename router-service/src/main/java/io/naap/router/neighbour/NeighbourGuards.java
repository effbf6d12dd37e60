package io.naap.router.neighbour;

import io.smallrye.faulttolerance.api.Guard;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Makes the guards of neighbours, one for each. */
@Singleton
public class NeighbourGuards {
  private static final double MOST_FAILED = 0.75;
  private static final int MOST_WAITING = 8_192;
  private static final int UNAUTHORIZED = 401;
  private static final long ASIDE_MILLIS = 50;

  private final NeighbourConfig config;
  private final Vertx vertx;
  private final Map<String, NeighbourGuard> guards = new ConcurrentHashMap<>();

  NeighbourGuards(NeighbourConfig config, Vertx vertx) {
    this.config = config;
    this.vertx = vertx;
  }

  /**
   * The guard of a neighbour.
   *
   * @param name of the neighbour, in the metrics
   */
  public NeighbourGuard guard(String name) {
    return guards.computeIfAbsent(name, this::make);
  }

  /** Where the answer of a call of this thread completes. */
  public Context context() {
    return vertx.getOrCreateContext();
  }

  /**
   * Calls on a worker thread, a moment later. To put a question costs more processor time than a
   * job, and a thread that is woken at once may take the processor from the job that woke it.
   */
  Executor aside() {
    return ask ->
        vertx.setTimer(
            ASIDE_MILLIS,
            later ->
                vertx.executeBlocking(
                    () -> {
                      ask.run();
                      return null;
                    },
                    false));
  }

  private NeighbourGuard make(String name) {
    return new Guarded(
        Guard.create()
            .withDescription(name)
            .withTimeout()
            .duration(config.timeout().toMillis(), ChronoUnit.MILLIS)
            .done()
            .withRetry()
            .maxRetries(config.retries())
            .delay(config.retryDelay().toMillis(), ChronoUnit.MILLIS)
            .jitter(config.retryJitter().toMillis(), ChronoUnit.MILLIS)
            .whenException(failure -> !isAnswer(failure))
            .done()
            .withCircuitBreaker()
            .name(name)
            .requestVolumeThreshold(config.breakerCalls())
            .failureRatio(MOST_FAILED)
            .delay(config.breakerDelay().toMillis(), ChronoUnit.MILLIS)
            .when(failure -> !isAnswer(failure))
            .done()
            .withBulkhead()
            .limit(config.concurrent())
            .queueSize(MOST_WAITING)
            .done()
            .build());
  }

  /**
   * True for a refusal of a neighbour that works. A neighbour may refuse our own token as too old;
   * the repeated call carries a new one.
   */
  private static boolean isAnswer(Throwable failure) {
    return failure instanceof WebApplicationException answered
        && answered.getResponse().getStatus() < 500
        && answered.getResponse().getStatus() != UNAUTHORIZED;
  }

  private record Guarded(Guard guard) implements NeighbourGuard {
    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // The guard hands on what the call answers.
    public <T> Future<T> call(Supplier<Uni<T>> call, Context context) {
      Uni<T> answer = guard.get((Supplier<Uni>) (Supplier) call, Uni.class);
      return Future.fromCompletionStage(answer.subscribe().asCompletionStage(), context);
    }
  }
}
