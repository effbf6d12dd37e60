package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.quota.Hold;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A router dies with quota leased, and comes back with what its spool says. */
class LeaseRecoveryTest {
  private static final KeyLimits CAP = OneRouter.lifetime(100);

  private final OneRouter dead = new OneRouter();

  private static UsageRecorded used(long position, long generations) {
    return QuotasInMemory.used(
        "job-" + position + "-0",
        "r",
        position,
        Instant.parse("2026-01-01T12:00:00Z"),
        "key_1",
        Units.of(Unit.GENERATIONS, generations),
        NanoUsd.ZERO);
  }

  private OneRouter restarted(List<UsageRecorded> spool) throws IOException {
    OneRouter next = new OneRouter(dead.redis, dead.millis);
    LeaseReply.Welcome hello = (LeaseReply.Welcome) next.call();
    next.leases.recover(hello, spool::forEach, next.nanos());
    return next;
  }

  @Test
  void reportsWhatTheSpoolSaysWasUsedAndGivesTheRestBack() throws IOException {
    dead.hold(CAP, 10);
    assertThat(dead.redis.taken("k:key_1", "l.generations")).isGreaterThanOrEqualTo(10);

    OneRouter next = restarted(List.of(used(1, 4), used(2, 3)));
    assertThat(next.leases.unreportedFrom()).isEqualTo(1);
    next.callWhileDue();

    assertThat(next.redis.taken("k:key_1", "l.generations")).isEqualTo(7);
    assertThat(next.leases.unreportedFrom()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void doesNotReportAgainWhatWasReportedBeforeTheDeath() throws IOException {
    Hold ended = dead.hold(CAP, 10);
    dead.hold(CAP, 5);
    dead.settlement.settle(ended, Units.of(Unit.GENERATIONS, 4), NanoUsd.ZERO, 1, dead.nanos());
    dead.millis += 16_000;
    dead.table.sweep(dead.nanos());
    dead.callWhileDue();

    OneRouter next = restarted(List.of(used(1, 4), used(2, 3)));
    next.callWhileDue();

    assertThat(next.redis.taken("k:key_1", "l.generations")).isEqualTo(7);
  }

  @Test
  void failsWhenTheSpoolCannotBeReadSoThatNothingIsMissed() {
    OneRouter next = new OneRouter(dead.redis, dead.millis);
    LeaseReply.Welcome hello = (LeaseReply.Welcome) next.call();

    assertThatThrownBy(
            () ->
                next.leases.recover(
                    hello,
                    reader -> {
                      throw new IOException("unreadable");
                    },
                    next.nanos()))
        .hasMessage("unreadable");
  }
}
