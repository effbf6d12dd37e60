package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ByocJobTest {
  private static final ByocJob BYOC = new ByocJob(1_000, null, null);

  private static Job job(long declared) {
    return BYOC.job(new ByocHeader("mine", 30, "e30="), "/process/request/a?b", Map.of(), declared);
  }

  @Test
  void holdsForTheLongestTimeAndBillsTheTimeItTook() {
    assertThat(job(5).estimate().most().get(Unit.MILLISECONDS)).isEqualTo(30_000);
    assertThat(job(5).measured(null, new Job.Delivered(5, 1_234, null, 9)))
        .isEqualTo(Units.of(Unit.REQUESTS, 1).with(Unit.MILLISECONDS, 1_234));
  }

  @Test
  void billsAtLeastAMillisecond() {
    assertThat(job(5).measured(null, new Job.Delivered(5, 0, null, 9)).get(Unit.MILLISECONDS))
        .isEqualTo(1);
  }

  @Test
  void passesItsBodyOnUntouched() {
    Body.Streamed body = (Body.Streamed) job(-1).outgoing().body();

    assertThat(body.length()).isEqualTo(-1);
    assertThat(body.limit()).isEqualTo(1_000);
    assertThat(body.check()).isSameAs(BodyCheck.NONE);
    assertThat(job(5).outgoing().uri()).isEqualTo("/process/request/a?b");
  }
}
