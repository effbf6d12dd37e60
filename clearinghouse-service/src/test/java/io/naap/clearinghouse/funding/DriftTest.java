package io.naap.clearinghouse.funding;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.money.NanoUsd;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DriftTest {
  @Test
  void jobsOnTheirWayAreNoDrift() {
    Drift drift = Drift.of(booked(100, 90, 10), page(100, 55, 15, 30, 15, 0));

    assertThat(drift.kind()).isEqualTo(Drift.Kind.NONE);
    assertThat(drift.inFlight()).isEqualTo(20);
  }

  @Test
  void whatIsSpentAndNotYetReportedIsNoDrift() {
    assertThat(Drift.of(booked(100, 60, 40), page(100, 70, 20, 10, 20, 0)).kind())
        .isEqualTo(Drift.Kind.FORGOT_SPENDING);
    assertThat(Drift.of(booked(100, 60, 40), page(100, 60, 30, 10, 30, 0)).kind())
        .isEqualTo(Drift.Kind.NONE);
  }

  @Test
  void jobsThatCostLessThanTheyWereSettledWithGiveTheRestBackOnce() {
    Drift drift = Drift.of(booked(100, 95, 20), page(100, 80, 0, 20, 0, 0));

    assertThat(drift.kind()).isEqualTo(Drift.Kind.ESTIMATE);
    assertThat(drift.right()).contains(new AdmissionFunds("fnd_1", 100, 95, 0, 5));
    assertThat(Drift.of(booked(100, 95, 20), page(100, 95, 0, 5, 0, 15)).kind())
        .isEqualTo(Drift.Kind.NONE);
  }

  @Property
  void neverLeavesAdmissionMoreThanTheLedgerHas(
      @ForAll @LongRange(min = 0, max = 1_000) long total,
      @ForAll @LongRange(min = 0, max = 1_000) long left,
      @ForAll @LongRange(min = 0, max = 1_000) long settled,
      @ForAll @LongRange(min = 0, max = 1_000) long knownTotal,
      @ForAll @LongRange(min = -500, max = 1_000) long available,
      @ForAll @LongRange(min = 0, max = 500) long leased,
      @ForAll @LongRange(min = 0, max = 1_000) long spent,
      @ForAll @LongRange(min = 0, max = 500) long out) {
    long there = Math.min(total, left);
    Drift drift =
        Drift.of(booked(total, there, settled), page(knownTotal, available, leased, spent, out, 0));

    AdmissionFunds right = drift.right().orElseThrow();
    assertThat(right.available() + right.leased() + right.spent()).isEqualTo(right.total());
    assertThat(right.total()).isLessThanOrEqualTo(total);
    // Beyond what the ledger has left there is at most what is out and may be charged already.
    assertThat(right.available()).isLessThanOrEqualTo(there);
    assertThat(right.available() + right.leased()).isLessThanOrEqualTo(there + out);
    if (drift.kind() == Drift.Kind.NONE && knownTotal > 0) {
      assertThat(right)
          .isEqualTo(new AdmissionFunds("fnd_1", knownTotal, available, leased, spent));
    }
  }

  private static Drift.Booked booked(long total, long left, long settled) {
    return new Drift.Booked(
        "fnd_1",
        NanoUsd.ofNanos(total),
        NanoUsd.ofNanos(left),
        NanoUsd.ofNanos(settled),
        NanoUsd.ZERO);
  }

  private static AdmissionStore.Page page(
      long total, long available, long leased, long spent, long out, long returned) {
    return new AdmissionStore.Page(
        Optional.of(new AdmissionFunds("fnd_1", total, available, leased, spent)),
        out,
        returned,
        0);
  }
}
