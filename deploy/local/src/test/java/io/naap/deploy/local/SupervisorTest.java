package io.naap.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SupervisorTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<String> said = new ArrayList<>();
  private final Supervisor supervisor = new Supervisor(said::add);

  /** A part that is as a test says. */
  private static final class FakePart implements Part {
    boolean alive = true;
    boolean starts = true;
    int restarts;

    @Override
    public String name() {
      return "keys-service";
    }

    @Override
    public boolean isAlive() {
      return alive;
    }

    @Override
    public String reason() {
      return "killed by signal 9";
    }

    @Override
    public void restart() {
      restarts++;
      alive = starts;
      if (!starts) {
        throw new IllegalStateException("port 8082 is taken\nand more");
      }
    }
  }

  private final FakePart part = new FakePart();

  private void look(long seconds) throws InterruptedException {
    supervisor.look(List.of(part), 1_000 * SECOND + seconds * SECOND);
  }

  @Test
  void startsAStoppedPartAgainAndSaysWhatItWasAndWhy() throws InterruptedException {
    look(0);
    part.alive = false;

    look(1);
    look(2);

    assertThat(part.restarts).isEqualTo(1);
    assertThat(said)
        .containsExactly(
            "keys-service stopped: killed by signal 9", "keys-service was started again");
  }

  @Test
  void startsAPartThatStopsAgainAndAgainLessAndLessOften() throws InterruptedException {
    part.starts = false;
    part.alive = false;

    for (int second = 0; second < 240; second++) {
      look(second);
    }

    assertThat(part.restarts).isBetween(9, 13);
    assertThat(said)
        .contains("keys-service does not start, tried again in 30 s: port 8082 is taken");
  }

  @Test
  void forgetsOldStops() throws InterruptedException {
    for (int at = 0; at < 4; at++) {
      part.alive = false;
      look(at * 400L);
    }

    assertThat(part.restarts).isEqualTo(4);
  }
}
