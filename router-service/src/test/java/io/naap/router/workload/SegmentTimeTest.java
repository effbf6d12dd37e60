package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class SegmentTimeTest {
  /** Packets of transport without any content, behind two pictures. */
  private static Buffer packets(int count) {
    Buffer file = Buffer.buffer();
    for (int next = 0; next < count; next++) {
      Buffer packet = Buffer.buffer(new byte[188]);
      packet.setInt(0, next < 2 ? 0x47410010 : 0x471fff10);
      if (next < 2) {
        packet.setInt(4, 0x1e0).setInt(10, 0x80800521).setShort(14, (short) 1);
        packet.setShort(16, (short) (1 + 7_200 * next));
      }
      file.appendBuffer(packet);
    }
    return file;
  }

  @Test
  void anHonestSegmentLastsAsItsStampsSay() {
    SegmentTime time = SegmentTime.begin(packets(20), 2_000);
    assertThat(time.measured()).isEqualTo(80);
    assertThat(time.expected(3_760)).isEqualTo(80);
  }

  @Test
  void noSegmentIsFasterThanTheFastest() {
    SegmentTime time = SegmentTime.begin(packets(33_245), 1);
    assertThat(time.measured()).isEqualTo(1_001);
    assertThat(time.expected(12_500_000)).isEqualTo(2_000);
  }
}
