package io.naap.store.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Workers workers = new Workers(registry);

  @Test
  void goesOnWhateverARoundThrows() throws InterruptedException {
    CountDownLatch rounds = new CountDownLatch(3);
    AtomicInteger times = new AtomicInteger();
    Worker worker =
        workers.start(
            "hurt",
            Duration.ofMillis(1),
            () -> {
              rounds.countDown();
              switch (times.incrementAndGet()) {
                case 1 -> throw new OutOfMemoryError("a test's");
                case 2 -> throw new StackOverflowError("a test's");
                default -> {
                  // All is well.
                }
              }
            });

    assertThat(rounds.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(workers.stuck()).isEmpty();
    assertThat(registry.counter("worker_rounds_failed_total", "worker", "hurt").count())
        .isEqualTo(2);
    worker.stop();
  }

  @Test
  void aRoundThatHangsTakesLivenessDown() throws InterruptedException {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Worker worker =
        workers.start(
            "stuck",
            Duration.ofMillis(1),
            Duration.ofMillis(20),
            () -> {
              hanging.countDown();
              never.await();
            });
    hanging.await();

    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (workers.stuck().isEmpty() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }

    assertThat(new WorkersLiveness(workers).call().getStatus())
        .isEqualTo(HealthCheckResponse.Status.DOWN);
    never.countDown();
    worker.stop();
  }

  @Test
  void aPokeEndsThePause() throws InterruptedException {
    CountDownLatch rounds = new CountDownLatch(2);
    Worker worker = workers.start("idle", Duration.ofHours(1), rounds::countDown);

    worker.poke();

    assertThat(rounds.await(10, TimeUnit.SECONDS)).isTrue();
    worker.stop();
  }
}
