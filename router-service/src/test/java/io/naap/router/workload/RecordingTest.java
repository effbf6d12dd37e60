package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class RecordingTest {
  /** Sound of thousand million samples a second, as its header says. */
  private static Buffer tooFast() {
    Buffer file = Buffer.buffer("RIFF\0\0\0\0WAVEfmt ").appendIntLE(16).appendIntLE(0x10001);
    file.appendIntLE(1_000_000_000).appendIntLE(0).appendIntLE(0x80001);
    return file.appendString("data").appendIntLE(6_250_000);
  }

  @Test
  void noRecordingIsFasterThanTheFastest() {
    Recording recording = Recording.begin(tooFast(), 64_000);
    assertThat(recording.expected(6_250_044)).isBetween(1_000L, 1_001L);

    recording.pass(Buffer.buffer(new byte[6_250_000]));
    assertThat(recording.measured()).isBetween(1_000L, 1_001L);
  }
}
