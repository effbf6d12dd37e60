package io.naap.router.proxy;

import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Watches the deadlines of all jobs of an event loop, ten times a second. A timer for each job
 * would cost more than all other work on its deadlines.
 */
@Singleton
public class DeadlineWatcher {
  private static final Logger LOG = Logger.getLogger(DeadlineWatcher.class);
  private static final long EVERY_MILLIS = 100;

  private final Vertx vertx;

  /** The watched jobs of the calling event loop. */
  private final FastThreadLocal<Loop> loops =
      new FastThreadLocal<>() {
        @Override
        protected Loop initialValue() {
          return new Loop();
        }
      };

  DeadlineWatcher(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Something with deadlines, which one event loop serves. */
  abstract static class Watched {
    private int index = -1;

    /** Checks the deadlines; called ten times a second until it is forgotten. */
    abstract void look(long nanos);
  }

  private static final class Loop {
    private final List<Watched> all = new ArrayList<>();
    private boolean looks;
  }

  /** Begins to watch; called on the event loop that serves the job. */
  void watch(Watched watched) {
    Loop loop = loops.get();
    watched.index = loop.all.size();
    loop.all.add(watched);
    if (!loop.looks) {
      loop.looks = true;
      again(loop);
    }
  }

  /** Stops watching; called on the same event loop. */
  void forget(Watched watched) {
    List<Watched> all = loops.get().all;
    if (watched.index < 0 || all.get(watched.index) != watched) {
      return;
    }
    Watched last = all.removeLast();
    if (last != watched) {
      all.set(watched.index, last);
      last.index = watched.index;
    }
    watched.index = -1;
  }

  private static void lookAt(List<Watched> all) {
    // From the last to the first, because a late job is removed meanwhile.
    long nanos = System.nanoTime();
    for (int at = all.size() - 1; at >= 0; at--) {
      if (at < all.size()) {
        try {
          all.get(at).look(nanos);
        } catch (RuntimeException failed) {
          // The deadlines of other jobs are checked all the same.
          LOG.errorf(failed, "a deadline could not be kept");
        }
      }
    }
  }

  private void again(Loop loop) {
    vertx.setTimer(
        EVERY_MILLIS,
        now -> {
          lookAt(loop.all);
          loop.looks = !loop.all.isEmpty();
          if (loop.looks) {
            again(loop);
          }
        });
  }
}
