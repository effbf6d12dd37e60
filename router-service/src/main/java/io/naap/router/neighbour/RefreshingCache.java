package io.naap.router.neighbour;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Answers of another service, each kept for its time. Many who want one ask once. In the second
 * half of its time a new one is asked for while the old one still serves, so that what is used all
 * the time is never waited for. Each has a moment of its own for that, and whoever comes then does
 * not do the asking itself: what became known together does not come due together, and costs no
 * job's own event loop anything. An answer that was asked for before a change was pushed of what it
 * is about is not served. However many are kept, nothing here takes longer. Any thread.
 *
 * @param <V> an answer
 */
public final class RefreshingCache<V> {
  /** A service that is gone is not asked again by every request. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final int MOMENT_BITS = 10;

  private static final long ASIDE_MILLIS = 50;

  /** Changes that are remembered; when more are of use, all answers are forgotten, and they too. */
  private static final int MOST_CHANGES = 10_000;

  /** Answers looked at for one that is over, before one that is not has to go. */
  private static final int LOOKED_AT = 8;

  private final int most;
  private final Function<V, Duration> time;
  private final Function<V, List<String>> about;
  private final Duration staleFor;
  private final Executor aside;
  private final Clock clock;
  private final Map<String, Known<V>> known = new ConcurrentHashMap<>();
  private final Map<String, Future<V>> asking = new ConcurrentHashMap<>();

  /** When something changed last, in the order of changes. */
  private final Map<String, Change> changes = new ConcurrentHashMap<>();

  private final AtomicLong order = new AtomicLong();
  private volatile long forgotten;

  /** What changed longer ago than any answer is believed is of no use. */
  private final AtomicLong longestMillis = new AtomicLong();

  /** Where room was made last; goes round. */
  private Iterator<Known<V>> hand = known.values().iterator();

  /**
   * @param most answers at once; for another one, one that is over goes, or else any
   * @param time how long an answer is believed
   * @param about whose changes end it before its time; nobody's: any change does
   * @param staleFor how long beyond its time an answer serves when no new one can be had: the
   *     service that gives them is away. What was changed, or refused, never does
   * @param aside where a new answer is asked for that nobody waits for
   */
  public RefreshingCache(
      int most,
      Function<V, Duration> time,
      Function<V, List<String>> about,
      Duration staleFor,
      Executor aside,
      Clock clock) {
    this.most = most;
    this.time = time;
    this.about = about;
    this.staleFor = staleFor;
    this.aside = aside;
    this.clock = clock;
  }

  /**
   * A worker thread, a moment later: to put a question costs more than all else that a job asks of
   * the processor, and a thread that is woken at once may take the processor from the job's.
   */
  public static Executor aside(Vertx vertx) {
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

  /**
   * @param asked after so many changes
   */
  private record Known<V>(V value, List<String> about, long asked, Instant again, Instant until) {}

  private record Change(long order, Instant at) {}

  /**
   * The answer under a name.
   *
   * @param ask the other service; its failures are nobody's answer and are not kept
   */
  public Future<V> of(String name, Supplier<Future<V>> ask) {
    Known<V> answer = known.get(name);
    Instant now = clock.instant();
    if (answer == null || isChanged(answer)) {
      return ask(name, ask);
    }
    if (!answer.until.isAfter(now)) {
      return mayBeStale(answer, now) ? orStale(name, answer, now, ask) : ask(name, ask);
    }
    if (!answer.again.isAfter(now) && known.replace(name, answer, paused(answer, now))) {
      // Should it fail, the old answer serves to its end.
      aside.execute(() -> ask(name, ask));
    }
    return Future.succeededFuture(answer.value);
  }

  private boolean mayBeStale(Known<V> answer, Instant now) {
    return !answer.about.isEmpty() && answer.until.plus(staleFor).isAfter(now);
  }

  /**
   * A new answer, or the old one while there is none to be had: then whoever comes next is not made
   * to wait for it, and it is asked for once in a while.
   */
  private Future<V> orStale(String name, Known<V> answer, Instant now, Supplier<Future<V>> ask) {
    if (answer.again.isAfter(now)) {
      return Future.succeededFuture(answer.value);
    }
    return ask(name, ask)
        .recover(
            away -> {
              Known<V> latest = known.get(name);
              if (latest == null || isChanged(latest)) {
                return Future.failedFuture(away);
              }
              known.replace(name, latest, paused(latest, clock.instant()));
              return Future.succeededFuture(latest.value);
            });
  }

  private static <V> Known<V> paused(Known<V> answer, Instant now) {
    return new Known<>(answer.value, answer.about, answer.asked, now.plus(PAUSE), answer.until);
  }

  private boolean isChanged(Known<V> answer) {
    long asked = answer.asked;
    if (asked == order.get()) {
      return false;
    }
    if (asked < forgotten || answer.about.isEmpty()) {
      return true;
    }
    for (String subject : answer.about) {
      Change change = changes.get(subject);
      if (change != null && change.order > asked) {
        return true;
      }
    }
    return false;
  }

  private Future<V> ask(String name, Supplier<Future<V>> ask) {
    Promise<V> promise = Promise.promise();
    Future<V> answer = promise.future();
    Future<V> running = asking.putIfAbsent(name, answer);
    if (running != null) {
      return running;
    }
    long asked = order.get();
    Future.succeededFuture()
        .compose(now -> ask.get())
        .onComplete(
            done -> {
              if (done.succeeded()) {
                keep(name, done.result(), asked);
              }
              asking.remove(name, answer);
              promise.handle(done);
            });
    return answer;
  }

  private void keep(String name, V value, long asked) {
    Instant now = clock.instant();
    Duration kept = time.apply(value);
    long longest = kept.plus(staleFor).toMillis();
    if (longest > longestMillis.get()) {
      longestMillis.accumulateAndGet(longest, Math::max);
    }
    known.merge(
        name,
        new Known<>(value, about.apply(value), asked, now.plus(again(name, kept)), now.plus(kept)),
        (older, newer) -> older.asked > newer.asked ? older : newer);
    if (known.size() > most) {
      makeRoom(now);
    }
  }

  /** In the third quarter of its time, and not when others are. */
  private static Duration again(String name, Duration kept) {
    // Names that are nearly alike have hash codes that are: spread by the golden ratio.
    int moment = (name.hashCode() * 0x9e3779b9) >>> (32 - MOMENT_BITS);
    long moments = 1L << MOMENT_BITS;
    return kept.multipliedBy(2 * moments + moment).dividedBy(4 * moments);
  }

  private synchronized void makeRoom(Instant now) {
    for (int looked = 1; known.size() > most; looked++) {
      if (!hand.hasNext()) {
        hand = known.values().iterator();
        if (!hand.hasNext()) {
          return;
        }
      }
      Known<V> next = hand.next();
      if (looked >= LOOKED_AT || !next.until.plus(staleFor).isAfter(now)) {
        hand.remove();
      }
    }
  }

  /** Somebody changed: what is known of them, and what is just being asked, is not served. */
  public void changed(String subject) {
    Instant now = clock.instant();
    if (changes.size() >= MOST_CHANGES) {
      Instant useless = now.minusMillis(longestMillis.get());
      changes.values().removeIf(old -> old.at.isBefore(useless));
      if (changes.size() >= MOST_CHANGES) {
        forgetAll();
      }
    }
    changes.put(subject, new Change(order.incrementAndGet(), now));
    asking.clear();
  }

  /** Forgets all, when pushes may have been missed. */
  public void forgetAll() {
    forgotten = order.incrementAndGet();
    changes.clear();
    asking.clear();
    known.clear();
  }
}
