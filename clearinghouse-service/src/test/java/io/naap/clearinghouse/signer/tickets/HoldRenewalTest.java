package io.naap.clearinghouse.signer.tickets;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.money.NanoUsd;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class HoldRenewalTest {
  @Property
  void theHoldIsEnoughAfterARenewalAndCreditNeverGoesBelowZero(
      @ForAll @LongRange(min = 0, max = 1_000) long cost,
      @ForAll @LongRange(min = 0, max = 1_000) long held,
      @ForAll @LongRange(min = 0, max = 1_000) long credit,
      @ForAll @LongRange(min = 0, max = 1_000) long hold) {
    Optional<NanoUsd> renewal =
        HoldRenewal.of(
            NanoUsd.ofNanos(cost),
            NanoUsd.ofNanos(held),
            NanoUsd.ofNanos(credit),
            NanoUsd.ofNanos(hold));

    assertThat(renewal.isPresent()).isEqualTo(held + credit >= cost);
    renewal.ifPresent(
        more -> {
          assertThat(more.nanos()).isBetween(0L, credit);
          assertThat(held + more.nanos()).isGreaterThanOrEqualTo(cost);
          assertThat(held < cost || more.nanos() == 0).isTrue();
        });
  }
}
