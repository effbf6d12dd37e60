package io.naap.router.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class RefreshingCacheTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Executor aside = Runnable::run;
  private final RefreshingCache<String> kept =
      new RefreshingCache<>(
          3,
          value -> Duration.ofSeconds(30),
          value -> value.isEmpty() ? List.of() : List.of(value.substring(0, 1)),
          Duration.ZERO,
          question -> aside.execute(question),
          new Hand());
  private final List<Promise<String>> asked = new ArrayList<>();

  /** A clock that a test moves. */
  private final class Hand extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  private Future<String> of(String name) {
    return kept.of(
        name,
        () -> {
          Promise<String> promise = Promise.promise();
          asked.add(promise);
          return promise.future();
        });
  }

  private void known(String name, String value) {
    Future<String> first = of(name);
    asked.getLast().complete(value);
    assertThat(first.result()).isEqualTo(value);
  }

  private void pass(int seconds) {
    now = now.plusSeconds(seconds);
  }

  @Test
  void keepsAnAnswerForItsTimeAndNotLonger() {
    known("a", "1");
    pass(14);
    assertThat(of("a").result()).isEqualTo("1");
    assertThat(asked).hasSize(1);

    pass(16);
    assertThat(of("a").isComplete()).isFalse();
    assertThat(asked).hasSize(2);
  }

  @Test
  void asksOnceForAllWhoWant() {
    Future<String> first = of("a");
    Future<String> second = of("a");
    asked.getFirst().complete("1");

    assertThat(asked).hasSize(1);
    assertThat(first.result()).isEqualTo("1");
    assertThat(second.result()).isEqualTo("1");
  }

  @Test
  void asksAgainInTheSecondHalfAndMakesNobodyWait() {
    known("a", "1");
    pass(23);

    assertThat(of("a").result()).isEqualTo("1");
    assertThat(of("a").result()).isEqualTo("1");
    assertThat(asked).hasSize(2);
    asked.getLast().complete("2");
    assertThat(of("a").result()).isEqualTo("2");
    pass(29);
    assertThat(of("a").result()).isEqualTo("2");
  }

  @Test
  void whoComesWhenAnAnswerIsToBeRenewedDoesNotAskItself() {
    List<Runnable> left = new ArrayList<>();
    aside = left::add;
    known("a", "1");
    pass(23);

    assertThat(of("a").result()).isEqualTo("1");
    assertThat(of("a").result()).isEqualTo("1");
    assertThat(asked).hasSize(1);
    assertThat(left).hasSize(1);
    left.getFirst().run();
    asked.getLast().complete("2");
    assertThat(of("a").result()).isEqualTo("2");
  }

  @Test
  void answersThatCameTogetherAreNotRenewedTogether() {
    RefreshingCache<String> many =
        new RefreshingCache<>(
            1_000,
            value -> Duration.ofSeconds(40),
            value -> List.of(),
            Duration.ZERO,
            aside,
            new Hand());
    List<Integer> renewed = new ArrayList<>();
    int[] questions = {0};
    for (int second = 0; second < 40; second++) {
      questions[0] = 0;
      for (int name = 0; name < 500; name++) {
        many.of(
            "tenant-" + name,
            () -> {
              questions[0]++;
              return Future.succeededFuture("plan");
            });
      }
      renewed.add(questions[0]);
      pass(1);
    }

    assertThat(renewed.subList(1, 20)).containsOnly(0);
    assertThat(renewed.subList(20, 31)).allMatch(questioned -> questioned < 80);
    assertThat(renewed.subList(20, 31).stream().mapToInt(each -> each).sum()).isEqualTo(500);
  }

  @Test
  void servesTheOldAnswerToItsEndWhenTheOtherServiceIsGone() {
    known("a", "1");
    for (int second = 23; second < 30; second++) {
      now = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(second);
      assertThat(of("a").result()).isEqualTo("1");
      asked.getLast().fail("gone");
    }
    pass(1);
    Future<String> late = of("a");
    asked.getLast().fail("gone");

    assertThat(late.failed()).isTrue();
    assertThat(asked).hasSize(9);
  }

  @Test
  void doesNotAskAServiceThatIsGoneWithEveryRequest() {
    known("a", "1");
    pass(23);
    for (int request = 0; request < 100; request++) {
      assertThat(of("a").result()).isEqualTo("1");
      asked.getLast().tryFail("gone");
    }

    assertThat(asked).hasSize(2);
  }

  @Test
  void asksAgainAfterAQuestionThatCouldNotEvenBePut() {
    Future<String> broken =
        kept.of(
            "a",
            () -> {
              throw new IllegalStateException("no such client");
            });

    assertThat(broken.failed()).isTrue();
    known("a", "1");
  }

  @Test
  void aChangeOfOneLeavesAnotherThatIsUnderWay() {
    Future<String> other = of("b");
    kept.changed("1");
    asked.getFirst().complete("2");

    assertThat(other.result()).isEqualTo("2");
    assertThat(of("b").result()).isEqualTo("2");
  }

  @Test
  void doesNotKeepWhatWasUnderWayWhenAChangeCame() {
    known("a", "old");
    pass(23);
    assertThat(of("a").result()).isEqualTo("old");
    kept.changed("o");
    Future<String> after = of("a");
    asked.get(1).complete("old");

    assertThat(after.isComplete()).isFalse();
    assertThat(of("a").isComplete()).isFalse();
    assertThat(asked).hasSize(3);
    asked.get(2).complete("new");
    assertThat(after.result()).isEqualTo("new");
    assertThat(of("a").result()).isEqualTo("new");
  }

  @Test
  void forgetsThoseThatAChangeIsAbout() {
    known("a", "1");
    known("b", "2");
    kept.changed("1");

    assertThat(of("b").result()).isEqualTo("2");
    assertThat(of("a").isComplete()).isFalse();
    asked.getLast().complete("1 again");
    assertThat(of("a").result()).isEqualTo("1 again");
  }

  @Test
  void anAnswerThatIsAboutNobodyEndsWithAnyChange() {
    known("a", "");
    known("b", "2");
    kept.changed("3");

    assertThat(of("b").result()).isEqualTo("2");
    assertThat(of("a").isComplete()).isFalse();
  }

  @Test
  void doesNotKeepWhatWasUnderWayWhenAllWasForgotten() {
    Future<String> before = of("a");
    kept.forgetAll();
    asked.getFirst().complete("1");

    assertThat(before.result()).isEqualTo("1");
    assertThat(of("a").isComplete()).isFalse();
  }

  @Test
  void aLateAnswerToAnOlderQuestionDoesNotReplaceANewerOne() {
    var unused = of("a");
    kept.changed("o");
    Future<String> newer = of("a");
    asked.get(1).complete("new");
    asked.get(0).complete("old");

    assertThat(newer.result()).isEqualTo("new");
    assertThat(of("a").result()).isEqualTo("new");
  }

  @Test
  void changesOlderThanAnyAnswerMakeRoomForMore() {
    known("a", "1");
    for (int change = 0; change < 10_000; change++) {
      kept.changed("x" + change);
    }
    pass(31);
    known("b", "2");
    kept.changed("y");

    assertThat(of("b").result()).isEqualTo("2");
  }

  @Test
  void moreChangesThanCanBeRememberedEndAllAnswers() {
    known("a", "1");
    kept.changed("1");
    for (int change = 0; change < 10_000; change++) {
      kept.changed("x" + change);
    }

    assertThat(of("a").isComplete()).isFalse();
  }

  @Test
  void oneGoesForEachThatComesWhenNoneIsOver() {
    known("a", "1");
    known("b", "2");
    known("c", "3");
    known("d", "4");
    int before = asked.size();
    List.of("a", "b", "c", "d").forEach(this::of);

    assertThat(asked).hasSize(before + 1);
  }

  @Test
  void makesRoomOfWhatIsOverFirst() {
    known("c", "1");
    pass(20);
    known("a", "2");
    known("b", "3");
    pass(10);
    known("d", "4");

    assertThat(of("a").result()).isEqualTo("2");
    assertThat(of("b").result()).isEqualTo("3");
    assertThat(of("d").result()).isEqualTo("4");
  }

  private final RefreshingCache<String> patient =
      new RefreshingCache<>(
          1_000,
          value -> Duration.ofSeconds(30),
          value -> value.isEmpty() ? List.of() : List.of(value.substring(0, 1)),
          Duration.ofMinutes(10),
          Runnable::run,
          new Hand());

  private Future<String> ofStale(String name) {
    return patient.of(
        name,
        () -> {
          Promise<String> promise = Promise.promise();
          asked.add(promise);
          return promise.future();
        });
  }

  private void stale(String name, String value) {
    ofStale(name);
    asked.getLast().complete(value);
  }

  @Test
  void anOldAnswerServesWhileNoNewOneIsToBeHad() {
    stale("a", "1");
    now = now.plusSeconds(31);

    Future<String> waiting = ofStale("a");
    asked.getLast().fail("away");

    assertThat(waiting.result()).isEqualTo("1");
    int questions = asked.size();
    assertThat(ofStale("a").result()).isEqualTo("1");
    assertThat(asked).hasSize(questions);
    now = now.plusSeconds(2);
    Future<String> back = ofStale("a");
    asked.getLast().complete("1b");
    assertThat(back.result()).isEqualTo("1b");
  }

  @Test
  void anOldAnswerThatWasChangedServesNobody() {
    stale("a", "1");
    now = now.plusSeconds(31);
    ofStale("a");
    asked.getLast().fail("away");
    patient.changed("1");

    Future<String> waiting = ofStale("a");
    asked.getLast().fail("away");

    assertThat(waiting.failed()).isTrue();
  }

  @Test
  void anOldAnswerServesNoLongerThanItMay() {
    stale("a", "1");
    now = now.plus(Duration.ofMinutes(10)).plusSeconds(31);

    Future<String> waiting = ofStale("a");
    asked.getLast().fail("away");

    assertThat(waiting.failed()).isTrue();
  }

  @Test
  void nothingThatWasRefusedServesBeyondItsTime() {
    stale("a", "");
    now = now.plusSeconds(31);

    Future<String> waiting = ofStale("a");
    asked.getLast().fail("away");

    assertThat(waiting.failed()).isTrue();
  }
}
