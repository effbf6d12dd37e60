package io.naap.clearinghouse.neighbour;

import io.smallrye.faulttolerance.api.Guard;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.faulttolerance.exceptions.FaultToleranceException;

/** Makes the guards of neighbours. */
@Singleton
public class NeighbourGuards {
  private static final double MOST_FAILED = 0.75;
  private static final int MOST_WAITING = 4_096;

  private final NeighbourConfig config;

  NeighbourGuards(NeighbourConfig config) {
    this.config = config;
  }

  /**
   * Makes a guard.
   *
   * @param name of the neighbour, in the metrics
   * @param timeout of one attempt
   * @param answers failures that are answers of a neighbour that works: they are not repeated
   */
  public CallGuard guard(String name, Duration timeout, List<Class<? extends Throwable>> answers) {
    return new Guarded(
        name,
        Guard.create()
            .withDescription(name)
            .withTimeout()
            .duration(timeout.toMillis(), ChronoUnit.MILLIS)
            .done()
            .withRetry()
            .maxRetries(config.retries())
            .delay(config.retryDelay().toMillis(), ChronoUnit.MILLIS)
            .jitter(config.retryJitter().toMillis(), ChronoUnit.MILLIS)
            .abortOn(withInterrupt(answers))
            .done()
            .withCircuitBreaker()
            .name(name)
            .requestVolumeThreshold(config.breakerCalls())
            .failureRatio(MOST_FAILED)
            .delay(config.breakerDelay().toMillis(), ChronoUnit.MILLIS)
            .skipOn(withInterrupt(answers))
            .done()
            .withBulkhead()
            .limit(config.concurrent())
            .queueSize(MOST_WAITING)
            .enableSynchronousQueueing()
            .done()
            .build());
  }

  private static List<Class<? extends Throwable>> withInterrupt(
      List<Class<? extends Throwable>> answers) {
    return Stream.concat(answers.stream(), Stream.of(InterruptedException.class)).toList();
  }

  private record Guarded(String name, Guard guard) implements CallGuard {
    @Override
    public <T> T call(Class<T> type, Call<T> call) throws IOException, InterruptedException {
      try {
        return guard.call(call::call, type);
      } catch (FaultToleranceException refused) {
        throw new IOException(name + " does not answer: " + refused.getMessage(), refused);
      } catch (IOException | InterruptedException | RuntimeException failed) {
        throw failed;
      } catch (Exception impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }
}
