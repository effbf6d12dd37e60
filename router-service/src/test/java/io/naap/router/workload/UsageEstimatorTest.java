package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class UsageEstimatorTest {
  private static final Job OPEN = job(Optional.of(Unit.TOKENS_OUT));
  private final UsageEstimator learned = new UsageEstimator(20);

  private static Job job(Optional<Unit> open) {
    return new Job(
        new Job.Estimate(TokenCount.tokens(30, 1_024), Optional.empty(), open),
        new Job.Outgoing("/llm", Map.of(), new Body.Whole(Buffer.buffer()), Job.Answer.LANGUAGE),
        (answer, delivered) -> Units.NONE);
  }

  private void done(int jobs, long tokens) {
    for (int at = 0; at < jobs; at++) {
      learned.done("llm", "m", OPEN, TokenCount.tokens(30, tokens));
    }
  }

  private long held(Job job) {
    return learned.hold("llm", "m", job).get(Unit.TOKENS_OUT);
  }

  @Test
  void theMostIsHeldUntilEnoughJobsWereDone() {
    done(19, 50);
    assertThat(held(OPEN)).isEqualTo(1_024);

    done(1, 50);

    assertThat(held(OPEN)).isEqualTo(50);
    assertThat(learned.hold("llm", "m", OPEN).get(Unit.TOKENS_IN)).isEqualTo(30);
    assertThat(learned.hold("llm", "other", OPEN).get(Unit.TOKENS_OUT)).isEqualTo(1_024);
  }

  @Test
  void nineteenOfTwentyJobsComeToNoMore() {
    done(95, 50);
    done(5, 900);
    assertThat(held(OPEN)).isEqualTo(50);

    done(12, 900);

    assertThat(held(OPEN)).isEqualTo(900);
  }

  @Test
  void whatARequestDeclaresIsHeldWhateverWasLearned() {
    done(40, 50);

    assertThat(held(job(Optional.empty()))).isEqualTo(1_024);
  }

  @Test
  void oldJobsAreForgotten() {
    done(256, 900);
    done(256, 10);

    assertThat(held(OPEN)).isEqualTo(10);
  }

  @Test
  void neverLearnsWhenToldSo() {
    UsageEstimator never = new UsageEstimator(0);
    for (int at = 0; at < 300; at++) {
      never.done("llm", "m", OPEN, TokenCount.tokens(30, 1));
    }

    assertThat(never.hold("llm", "m", OPEN).get(Unit.TOKENS_OUT)).isEqualTo(1_024);
    assertThatThrownBy(() -> new UsageEstimator(257)).hasMessageContaining("learn-after");
  }

  @Property(tries = 200)
  void isNeverAboveTheMostNorNothing(
      @ForAll @Size(min = 20, max = 300) java.util.List<@LongRange(max = 1L << 40) Long> amounts) {
    UsageEstimator some = new UsageEstimator(20);
    amounts.forEach(amount -> some.done("llm", "m", OPEN, TokenCount.tokens(1, amount)));

    assertThat(some.hold("llm", "m", OPEN).get(Unit.TOKENS_OUT)).isBetween(1L, 1_024L);
  }
}
