package io.naap.router.proxy;

import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Looks whether something of a job is late, a few times a second and for all jobs of an event loop
 * at once: a timer of each job's own cost more than the rest of its deadlines together.
 */
@Singleton
public class DeadlineWatcher {
  private static final Logger LOG = Logger.getLogger(DeadlineWatcher.class);
  private static final long EVERY_MILLIS = 100;

  private final Vertx vertx;

  /** Of the event loop that asks. */
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

  /** Something with deadlines, served by one event loop. */
  abstract static class Watched {
    private int place = -1;

    /** Called a few times a second until it is forgotten. */
    abstract void look(long nanos);
  }

  private static final class Loop {
    private final List<Watched> all = new ArrayList<>();
    private boolean looks;
  }

  /** From now on; called on the event loop that serves it. */
  void watch(Watched watched) {
    Loop loop = loops.get();
    watched.place = loop.all.size();
    loop.all.add(watched);
    if (!loop.looks) {
      loop.looks = true;
      again(loop);
    }
  }

  /** No more; called on the same event loop. */
  void forget(Watched watched) {
    List<Watched> all = loops.get().all;
    if (watched.place < 0 || all.get(watched.place) != watched) {
      return;
    }
    Watched last = all.removeLast();
    if (last != watched) {
      all.set(watched.place, last);
      last.place = watched.place;
    }
    watched.place = -1;
  }

  private static void lookAt(List<Watched> all) {
    // From the last to the first, because who is late is forgotten meanwhile.
    long nanos = System.nanoTime();
    for (int at = all.size() - 1; at >= 0; at--) {
      if (at < all.size()) {
        try {
          all.get(at).look(nanos);
        } catch (RuntimeException failed) {
          // The others' deadlines hold all the same.
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
