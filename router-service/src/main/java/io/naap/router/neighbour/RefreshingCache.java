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
 * Caches the answers of another service, each for its time. Any thread.
 *
 * <ul>
 *   <li>Callers that want the same answer at once share one question.
 *   <li>In the third quarter of its time an answer is asked for again while the old one still
 *       serves, at a moment of its own and aside from the callers' event loops. So callers never
 *       wait for an answer that is used all the time, and answers that came together are not
 *       refreshed together.
 *   <li>An answer whose question was put before a change was pushed is not served.
 *   <li>While the service is away, an answer serves beyond its time, unless a change was pushed.
 *   <li>No operation takes longer because many answers are kept.
 * </ul>
 *
 * @param <V> an answer
 */
public final class RefreshingCache<V> {
  /** A service that does not answer is asked again only after so long. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final int MOMENT_BITS = 10;

  private static final long ASIDE_MILLIS = 50;

  /** Changes that are remembered; when more matter, all answers and changes are forgotten. */
  private static final int MOST_CHANGES = 10_000;

  /** So many answers are looked at for one whose time is over, before any other is dropped. */
  private static final int LOOKED_AT = 8;

  private final int most;
  private final Function<V, Duration> time;
  private final Function<V, List<String>> about;
  private final Duration staleFor;
  private final Executor aside;
  private final Clock clock;
  private final Map<String, Known<V>> known = new ConcurrentHashMap<>();
  private final Map<String, Future<V>> asking = new ConcurrentHashMap<>();

  /** By subject: its last change. */
  private final Map<String, Change> changes = new ConcurrentHashMap<>();

  private final AtomicLong order = new AtomicLong();
  private volatile long forgotten;

  /** The longest that an answer may serve: older changes do not matter. */
  private final AtomicLong longestMillis = new AtomicLong();

  /** Where the last answer was dropped; it goes round. */
  private Iterator<Known<V>> hand = known.values().iterator();

  /**
   * @param most answers that are kept; for one more, one whose time is over is dropped, or else any
   * @param time how long an answer serves
   * @param about the subjects whose changes end an answer; an answer about nobody ends with any
   *     change and never serves beyond its time
   * @param staleFor how long beyond its time an answer serves while the service is away
   * @param aside runs questions that no caller waits for
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
   * A worker thread, a moment later. To put a question costs more processor time than a job, and a
   * thread that is woken at once may take the processor from the job that woke it.
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
   * @param asked how many changes there were when the question was put
   * @param again when it is asked for again
   */
  private record Known<V>(V value, List<String> about, long asked, Instant again, Instant until) {}

  private record Change(long order, Instant at) {}

  /**
   * The answer under a name.
   *
   * @param ask puts the question; a failure is not kept
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
      // If that fails, the old answer serves until its time is over.
      aside.execute(() -> ask(name, ask));
    }
    return Future.succeededFuture(answer.value);
  }

  private boolean mayBeStale(Known<V> answer, Instant now) {
    return !answer.about.isEmpty() && answer.until.plus(staleFor).isAfter(now);
  }

  /**
   * A new answer, or the old one when the service does not answer. The service is then asked only
   * once in a while, so that not every caller waits for it.
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

  /** A moment in the third quarter of its time, which differs by name. */
  private static Duration again(String name, Duration kept) {
    // Similar names have similar hash codes, which the golden ratio spreads.
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

  /** A subject changed: neither known answers about it nor questions under way are served. */
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

  /** Forgets all answers, as when pushes may have been missed. */
  public void forgetAll() {
    forgotten = order.incrementAndGet();
    changes.clear();
    asking.clear();
    known.clear();
  }
}
