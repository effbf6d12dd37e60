package io.naap.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortagesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Shortages.Rules RULES = new Shortages.Rules(SECOND, 60 * SECOND);

  private final Shortages shortages = new Shortages();
  private long nanos = Long.MAX_VALUE - 100 * SECOND;

  private long drop(String model) {
    shortages.add(RULES, "llm", model, nanos - 1, nanos);
    return shortages.seconds("llm", model, nanos);
  }

  @Test
  void eachDropThatComesAfterTheLastMakesTheWaitTwiceAsLongUpToItsBound() {
    List<Long> waits = new ArrayList<>();
    for (int at = 0; at < 9; at++) {
      waits.add(drop("m"));
      nanos += 10;
    }

    assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    assertThat(shortages.left("llm", "other", nanos)).isZero();
    assertThat(shortages.left("byoc", "m", nanos)).isZero();
  }

  @Test
  void jobsDroppedTogetherCountOnce() {
    long forwarded = nanos;
    for (int at = 0; at < 24; at++) {
      nanos += 10;
      shortages.add(RULES, "llm", "m", forwarded, nanos);
    }

    assertThat(shortages.seconds("llm", "m", nanos)).isEqualTo(1);
  }

  @Test
  void aJobThatIsDoneEndsIt() {
    drop("m");
    drop("n");

    shortages.remove("llm", "m");

    assertThat(shortages.left("llm", "m", nanos)).isZero();
    assertThat(shortages.left("llm", "n", nanos)).isPositive();
  }

  @Test
  void aShortageOfLongAgoDoesNotCount() {
    drop("m");
    nanos += 10;
    drop("m");
    nanos += 3 * SECOND;
    assertThat(shortages.left("llm", "m", nanos)).isZero();
    nanos += 61 * SECOND;

    assertThat(drop("m")).isEqualTo(1);
  }

  @Test
  void remembersSoManyModelsAndNoMore() {
    for (int at = 0; at < 10_000; at++) {
      drop("m" + at);
    }

    assertThat(shortages.size()).isEqualTo(Shortages.MOST);
    assertThat(shortages.left("llm", "m9999", nanos)).isPositive();
  }

  @Test
  void aGatewayIsLookedAtOnceAtATimeAndAgainAfterAMoment() {
    Probing probing = new Probing();
    List<Promise<Boolean>> asked = new ArrayList<>();
    for (int at = 0; at < 50; at++) {
      probing.look(() -> promised(asked), System.nanoTime());
    }
    assertThat(asked).hasSize(1);

    asked.getFirst().complete(true);
    Future<Boolean> soon = probing.look(() -> promised(asked), System.nanoTime());
    assertThat(soon.result()).isTrue();
    assertThat(asked).hasSize(1);

    probing.look(() -> promised(asked), System.nanoTime() + 2 * Probing.GOOD_FOR_NANOS);
    assertThat(asked).hasSize(2);
  }

  private static Future<Boolean> promised(List<Promise<Boolean>> asked) {
    asked.add(Promise.promise());
    return asked.getLast().future();
  }
}
