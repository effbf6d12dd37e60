package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.edge.BodyMemory;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class WholeAnswerTest {
  private final BodyMemory memory = new BodyMemory(100_000);

  private WholeAnswer answer() {
    return new WholeAnswer(
        memory.share(List.of(new BodyMemory.Owner("tenant", 50))), 20_000, new ObjectMapper());
  }

  @Test
  void readsAnAnswerAndGivesItsMemoryBack() {
    WholeAnswer answer = answer();

    assertThat(answer.add(Buffer.buffer("{\"a\":"))).isEqualTo(WholeAnswer.Taken.FINE);
    assertThat(answer.add(Buffer.buffer("1}"))).isEqualTo(WholeAnswer.Taken.FINE);

    assertThat(answer.parsed().path("a").asInt()).isEqualTo(1);
    answer.release();
    assertThat(memory.takenBytes()).isZero();
  }

  @Test
  void refusesWhatIsTooLargeAlone() {
    assertThat(answer().add(Buffer.buffer(new byte[20_001])))
        .isEqualTo(WholeAnswer.Taken.TOO_LARGE);
  }

  @Test
  void refusesWhatIsTooLargeTogether() {
    assertThat(answer().add(Buffer.buffer(new byte[20_000]))).isEqualTo(WholeAnswer.Taken.FINE);
    assertThat(answer().add(Buffer.buffer(new byte[20_000])))
        .isEqualTo(WholeAnswer.Taken.NO_MEMORY);
  }

  @Test
  void doesNotParseWhatWouldNotFit() {
    WholeAnswer answer = answer();
    answer.add(Buffer.buffer("[" + "1,".repeat(5_000) + "1]"));

    assertThat(answer.parsed()).isNull();
  }
}
