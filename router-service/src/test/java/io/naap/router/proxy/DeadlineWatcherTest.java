package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlineWatcherTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void aJobThatFailsWhenItIsLateDoesNotTakeTheDeadlinesOfOthersAway() throws Exception {
    DeadlineWatcher lateness = new DeadlineWatcher(vertx);
    CountDownLatch looks = new CountDownLatch(3);
    vertx.runOnContext(
        now -> {
          lateness.watch(
              new DeadlineWatcher.Watched() {
                @Override
                void look(long nanos) {
                  looks.countDown();
                }
              });
          lateness.watch(
              new DeadlineWatcher.Watched() {
                @Override
                void look(long nanos) {
                  throw new IllegalStateException("broken");
                }
              });
        });

    assertThat(looks.await(5, TimeUnit.SECONDS)).isTrue();
  }
}
