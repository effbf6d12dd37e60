package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.deploy.local.Demo;
import io.naap.deploy.local.Report;
import org.junit.jupiter.api.Test;

class FlowTest {
  /** Sign-in to margin, every workload; the demo computes units and costs a second time. */
  @Test
  void carriesEveryWorkloadFromWalletToMargin() {
    Report report = new Report(false, System.out, "test");

    Demo.run(Started.platform(), report);

    assertThat(report.failures()).isEmpty();
    assertThat(report.steps()).hasSizeGreaterThan(15);
  }
}
