package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SettlementQueueTest {
  private static final int LOOPS = 4;
  private static final int JOBS = 20_000;

  private final Object lock = new Object();
  private final List<Long> settled = Collections.synchronizedList(new ArrayList<>());
  private volatile Callable<Void> before = () -> null;
  private long taken;
  private volatile long written;
  private volatile long settledUnwritten;
  private final SettlementQueue<Long> settlements =
      new SettlementQueue<>(
          lock,
          () -> written = taken,
          position -> {
            run(before);
            if (position > written) {
              settledUnwritten = position;
            }
            settled.add(position);
          });

  private static void run(Callable<Void> before) {
    try {
      before.call();
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  private long end() {
    synchronized (lock) {
      settlements.add(++taken);
      return taken;
    }
  }

  @Test
  void jobsThatEndOnManyLoopsAtOnceAreSettledInTheOrderOfTheSpool() throws InterruptedException {
    List<Thread> loops = new ArrayList<>();
    for (int loop = 0; loop < LOOPS; loop++) {
      loops.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int job = 0; job < JOBS; job++) {
                      end();
                      settlements.writeAndSettle();
                    }
                  }));
    }
    for (Thread loop : loops) {
      loop.join();
    }

    assertThat(settled)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, LOOPS * JOBS).boxed().toList());
    assertThat(settledUnwritten).isZero();
  }

  @Test
  void whoComesSecondReturnsWhenItsJobIsSettled() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    before =
        () -> {
          begun.countDown();
          assertThat(released.await(10, TimeUnit.SECONDS)).isTrue();
          return null;
        };
    end();
    long second = end();
    List<Long> seen = new ArrayList<>();

    Thread one = Thread.ofPlatform().start(settlements::writeAndSettle);
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  settlements.writeAndSettle();
                  seen.addAll(settled);
                });
    other.join(200);
    assertThat(other.isAlive()).isTrue();
    released.countDown();
    one.join();
    other.join();

    assertThat(seen).contains(second);
  }
}
