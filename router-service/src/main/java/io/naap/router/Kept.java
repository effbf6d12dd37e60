package io.naap.router;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Answers of another service, each kept for its time. Many who want one ask once. In the second
 * half of its time a new one is asked for while the old one still serves, so that what is used all
 * the time is never waited for. An answer that was under way when a change was pushed is not kept.
 * Any thread.
 *
 * @param <V> an answer
 */
public final class Kept<V> {
  /** A service that is gone is not asked again by every request. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final int most;
  private final Function<V, Duration> time;
  private final Clock clock;
  private final Map<String, Known<V>> known = new ConcurrentHashMap<>();
  private final Map<String, Future<V>> asking = new ConcurrentHashMap<>();

  /**
   * @param most answers at once; when more are wanted and none is over, all are forgotten
   * @param time how long an answer is believed
   */
  public Kept(int most, Function<V, Duration> time, Clock clock) {
    this.most = most;
    this.time = time;
    this.clock = clock;
  }

  private record Known<V>(V value, Instant again, Instant until) {}

  /**
   * The answer under a name.
   *
   * @param ask the other service; its failures are nobody's answer and are not kept
   */
  public Future<V> of(String name, Supplier<Future<V>> ask) {
    Known<V> answer = known.get(name);
    Instant now = clock.instant();
    if (answer == null || !answer.until.isAfter(now)) {
      return ask(name, ask);
    }
    if (!answer.again.isAfter(now)
        && known.replace(name, answer, new Known<>(answer.value, now.plus(PAUSE), answer.until))) {
      // Should it fail, the old answer serves to its end.
      var unused = ask(name, ask);
    }
    return Future.succeededFuture(answer.value);
  }

  private Future<V> ask(String name, Supplier<Future<V>> ask) {
    Promise<V> promise = Promise.promise();
    Future<V> answer = promise.future();
    Future<V> running = asking.putIfAbsent(name, answer);
    if (running != null) {
      return running;
    }
    Future.succeededFuture()
        .compose(now -> ask.get())
        .onComplete(
            done -> {
              if (done.succeeded()) {
                keep(name, answer, done.result());
              } else {
                asking.remove(name, answer);
              }
              promise.handle(done);
            });
    return answer;
  }

  private void keep(String name, Future<V> answer, V value) {
    Instant now = clock.instant();
    if (known.size() >= most) {
      known.values().removeIf(old -> !old.until.isAfter(now));
      if (known.size() >= most) {
        known.clear();
      }
    }
    Duration kept = time.apply(value);
    Known<V> fresh = new Known<>(value, now.plus(kept.dividedBy(2)), now.plus(kept));
    known.put(name, fresh);
    // In this order: a change ends the asking first and forgets then, so one of both sees it.
    if (!asking.remove(name, answer)) {
      known.remove(name, fresh);
    }
  }

  /** Forgets one, by push. Whoever wants it from now on does not get an answer under way. */
  public void forget(String name) {
    asking.remove(name);
    known.remove(name);
  }

  /** Forgets those that a change is about, by push. */
  public void forgetIf(Predicate<V> changed) {
    asking.clear();
    known.values().removeIf(answer -> changed.test(answer.value));
  }

  /** Forgets all, when pushes may have been missed. */
  public void forgetAll() {
    asking.clear();
    known.clear();
  }
}
