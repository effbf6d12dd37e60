package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SettlementQueueTest {
  private static final int LOOPS = 4;
  private static final int JOBS = 20_000;

  private final Object lock = new Object();
  private final List<Long> settled = Collections.synchronizedList(new ArrayList<>());
  private final Queue<Runnable> worker = new ConcurrentLinkedQueue<>();
  private final CountDownLatch writing = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile boolean slow;
  private volatile boolean needsWorker;
  private long taken;
  private long ended;
  private volatile long written;
  private volatile long settledUnwritten;
  private final SettlementQueue<Long> settlements =
      new SettlementQueue<>(lock, new Work(), worker::add);

  private final class Work implements SettlementQueue.Work<Long> {
    @Override
    public void endBatch() {
      ended = taken;
    }

    @Override
    public boolean needsWorker() {
      return needsWorker;
    }

    @Override
    public void write() {
      if (slow) {
        writing.countDown();
        await(released);
      }
      written = ended;
    }

    @Override
    public void settle(Long position) {
      if (position > written) {
        settledUnwritten = position;
      }
      settled.add(position);
    }

    @Override
    public void goOn(Runnable next) {
      next.run();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  private long end() {
    synchronized (lock) {
      settlements.add(++taken);
      return taken;
    }
  }

  @Test
  void settlesJobsThatEndOnManyLoopsAtOnceInTheOrderOfTheSpool() throws InterruptedException {
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
  void aLoopDoesNotWaitForAnotherOnesWriteWhichSettlesItsJobsToo() throws InterruptedException {
    slow = true;
    end();
    Thread one = Thread.ofPlatform().start(settlements::writeAndSettle);
    await(writing);

    long second = end();
    settlements.writeAndSettle();
    assertThat(settled).isEmpty();
    released.countDown();
    one.join();

    assertThat(settled).containsExactly(1L, second);
  }

  @Test
  void leavesAWriteThatBlocksToAWorker() {
    needsWorker = true;
    end();
    settlements.writeAndSettle();
    end();
    settlements.writeAndSettle();
    assertThat(settled).isEmpty();

    while (!worker.isEmpty()) {
      worker.remove().run();
    }

    assertThat(settled).containsExactly(1L, 2L);
    assertThat(settledUnwritten).isZero();
  }
}
