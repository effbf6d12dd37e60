package io.naap.router;

import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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
  private final int most;
  private final Function<V, Duration> time;
  private final Clock clock;
  private final Map<String, Known<V>> known = new ConcurrentHashMap<>();
  private final Map<String, Future<V>> asking = new ConcurrentHashMap<>();
  private final AtomicLong changes = new AtomicLong();

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
    if (!answer.again.isAfter(now)) {
      // Should it fail, the next one asks again, and the old answer serves to its end.
      var unused = ask(name, ask);
    }
    return Future.succeededFuture(answer.value);
  }

  private Future<V> ask(String name, Supplier<Future<V>> ask) {
    Future<V> running = asking.get(name);
    if (running != null) {
      return running;
    }
    long before = changes.get();
    Future<V> answer =
        ask.get()
            .onSuccess(
                value -> {
                  if (changes.get() == before) {
                    keep(name, value);
                  }
                });
    asking.put(name, answer);
    if (changes.get() != before) {
      asking.remove(name, answer);
    }
    answer.onComplete(done -> asking.remove(name, answer));
    return answer;
  }

  private void keep(String name, V value) {
    Instant now = clock.instant();
    if (known.size() >= most) {
      known.values().removeIf(old -> !old.until.isAfter(now));
      if (known.size() >= most) {
        known.clear();
      }
    }
    Duration kept = time.apply(value);
    known.put(name, new Known<>(value, now.plus(kept.dividedBy(2)), now.plus(kept)));
  }

  /** Forgets one, by push. */
  public void forget(String name) {
    change();
    known.remove(name);
  }

  /** Forgets those that a change is about, by push. */
  public void forgetIf(Predicate<V> changed) {
    change();
    known.values().removeIf(answer -> changed.test(answer.value));
  }

  /** Forgets all, when pushes may have been missed. */
  public void forgetAll() {
    change();
    known.clear();
  }

  /** Whoever wants an answer from now on does not get one that was asked for before. */
  private void change() {
    changes.incrementAndGet();
    asking.clear();
  }
}
