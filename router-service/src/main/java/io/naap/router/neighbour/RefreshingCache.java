package io.naap.router.neighbour;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Caches the answers of another service, each for its time. Any thread. Caffeine holds the answers,
 * in bounded number; its refreshing is not used, because it knows neither a moment for each answer
 * nor answers that serve while the service is away.
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
  private static final long PAUSE_MILLIS = 1_000;

  private static final int MOMENT_BITS = 10;

  /** Changes that are remembered; when more matter, all answers and changes are forgotten. */
  private static final int MOST_CHANGES = 10_000;

  private final Function<V, Duration> time;
  private final Function<V, List<String>> about;
  private final long staleForMillis;
  private final Executor aside;
  private final Clock clock;
  private final Cache<String, Known<V>> known;

  /** Reads without telling Caffeine, which would cost a hit as much again. */
  private final Policy<String, Known<V>> hits;

  private final Map<String, Future<V>> asking = new ConcurrentHashMap<>();

  /** By subject: its last change. */
  private final Map<String, Change> changes = new ConcurrentHashMap<>();

  private final AtomicLong order = new AtomicLong();
  private volatile long forgotten;

  /** The longest that an answer may serve: older changes do not matter. */
  private final AtomicLong longestMillis = new AtomicLong();

  /**
   * When the last answer came: Caffeine's clock. Answers whose time is over only matter when
   * another needs room, and a read looks at the answer's own time.
   */
  private volatile long cameMillis;

  /**
   * @param most answers that are kept; for one more, those whose time is over are dropped, or else
   *     any
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
    this.time = time;
    this.about = about;
    this.staleForMillis = staleFor.toMillis();
    this.aside = aside;
    this.clock = clock;
    this.known =
        Caffeine.newBuilder()
            .maximumSize(most)
            .expireAfter(Expiry.<String, Known<V>>writing((name, answer) -> left(answer)))
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(cameMillis))
            .executor(Runnable::run)
            .build();
    this.hits = known.policy();
  }

  private Duration left(Known<V> answer) {
    return Duration.ofMillis(answer.untilMillis + staleForMillis - cameMillis);
  }

  /**
   * @param asked how many changes there were when the question was put
   * @param againMillis when it is asked for again
   */
  private record Known<V>(
      V value, List<String> about, long asked, long againMillis, long untilMillis) {}

  private record Change(long order, long atMillis) {}

  /**
   * The answer under a name.
   *
   * @param ask puts the question; a failure is not kept
   */
  public Future<V> of(String name, Supplier<Future<V>> ask) {
    Known<V> answer = hits.getIfPresentQuietly(name);
    long now = clock.millis();
    if (answer == null || isChanged(answer)) {
      return ask(name, ask);
    }
    if (answer.untilMillis <= now) {
      return mayBeStale(answer, now) ? orStale(name, answer, now, ask) : ask(name, ask);
    }
    if (answer.againMillis <= now && known.asMap().replace(name, answer, paused(answer, now))) {
      // If that fails, the old answer serves until its time is over.
      aside.execute(() -> ask(name, ask));
    }
    return Future.succeededFuture(answer.value);
  }

  private boolean mayBeStale(Known<V> answer, long now) {
    return !answer.about.isEmpty() && answer.untilMillis + staleForMillis > now;
  }

  /**
   * A new answer, or the old one when the service does not answer. The service is then asked only
   * once in a while, so that not every caller waits for it.
   */
  private Future<V> orStale(String name, Known<V> answer, long now, Supplier<Future<V>> ask) {
    if (answer.againMillis > now) {
      return Future.succeededFuture(answer.value);
    }
    return ask(name, ask)
        .recover(
            away -> {
              Known<V> latest = hits.getIfPresentQuietly(name);
              if (latest == null || isChanged(latest)) {
                return Future.failedFuture(away);
              }
              known.asMap().replace(name, latest, paused(latest, clock.millis()));
              return Future.succeededFuture(latest.value);
            });
  }

  private static <V> Known<V> paused(Known<V> answer, long now) {
    return new Known<>(
        answer.value, answer.about, answer.asked, now + PAUSE_MILLIS, answer.untilMillis);
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
    long now = clock.millis();
    long kept = time.apply(value).toMillis();
    long longest = kept + staleForMillis;
    if (longest > longestMillis.get()) {
      longestMillis.accumulateAndGet(longest, Math::max);
    }
    cameMillis = now;
    known
        .asMap()
        .merge(
            name,
            new Known<>(value, about.apply(value), asked, now + again(name, kept), now + kept),
            (older, newer) -> older.asked > newer.asked ? older : newer);
  }

  /** A moment in the third quarter of its time, which differs by name. */
  private static long again(String name, long kept) {
    // Similar names have similar hash codes, which the golden ratio spreads.
    int moment = (name.hashCode() * 0x9e3779b9) >>> (32 - MOMENT_BITS);
    long moments = 1L << MOMENT_BITS;
    return kept * (2 * moments + moment) / (4 * moments);
  }

  /** A subject changed: neither known answers about it nor questions under way are served. */
  public void changed(String subject) {
    long now = clock.millis();
    if (changes.size() >= MOST_CHANGES) {
      long useless = now - longestMillis.get();
      changes.values().removeIf(old -> old.atMillis < useless);
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
    known.invalidateAll();
  }
}
