package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.admission.quota.TenantQuotas;
import io.naap.router.limit.Limits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A router that Redis did not hear of for long, or that metering does not answer. */
class LongSilenceTest extends QuotasInMemory {
  @Test
  void whatIsGrantedAfterALongSilenceIsNotForgotten() {
    begin();
    Limits limits = Limits.ofKey(everGenerations(1_000));
    settle(ask("key_1", limits, generations(5)), generations(5), 1);
    table.giveAllBack(nanos());
    while (leases.hasDue()) {
      talk();
    }
    millis += 70_000;
    table.sweep(nanos());
    assertThat(table.known("ten_1")).isNull();
    Decision.Asking asking =
        (Decision.Asking) pending.decide(demand("key_1", limits, generations(5)), nanos());
    // Done, but the answer comes only after more than a minute.
    LeaseCall call = leases.compose("epoch", 0, nanos());
    var unused = store.of("r", () -> START + millis).lease(call).result();
    pending.giveUp(asking.waiting());
    millis += 70_000;
    table.sweep(nanos());

    for (int times = 0; times < 10; times++) {
      talk();
      millis += 5_000;
      table.sweep(nanos());
    }

    assertThat(store.taken("k:key_1", "l.generations")).isEqualTo(5);
  }

  @Test
  void whatWasToldBeforeALongSilenceIsNotToldAgainWhenTheWelcomeIsLost() {
    begin();
    settle(ask(everGenerations(1_000), generations(5)), generations(5), 1);
    millis += 16_000;
    table.sweep(nanos());
    LeaseCall last = leases.compose("epoch", 0, nanos());
    assertThat(last.subjects()).isNotEmpty();
    var unused = store.of("r", () -> START + millis).lease(last).result();
    silence();
    assertThat(answer(leases)).isInstanceOf(LeaseReply.Gone.class);
    LeaseReply lost =
        store.of("r", () -> START + millis).lease(leases.compose("epoch", 0, nanos())).result();
    assertThat(lost).isInstanceOf(LeaseReply.Welcome.class);

    talk();
    table.giveAllBack(nanos());
    while (leases.hasDue()) {
      talk();
    }

    assertThat(store.taken("k:key_1", "l.generations")).isEqualTo(5);
  }

  /** Nothing is heard of this router, while another one goes on. */
  private void silence() {
    LeaseClient other = new LeaseClient(new QuotaTable(), Duration.ofMillis(200));
    for (int times = 0; times < 140; times++) {
      millis += 250;
      LeaseReply reply =
          store
              .of("other", () -> START + millis)
              .lease(other.compose("epoch", 0, nanos()))
              .result();
      other.apply(reply, nanos(), nanos());
    }
  }

  @Test
  void whatAnEarlierLifeLeftIsToldAfterALongSilenceToo() throws IOException {
    begin();
    ask(everGenerations(1_000), generations(3));
    LeaseClient next = new LeaseClient(new QuotaTable(), Duration.ofMillis(200));
    next.recover(
        (LeaseReply.Welcome) answer(next),
        List.of(
                used(
                    "job-1-0",
                    "r",
                    7,
                    Instant.ofEpochMilli(START),
                    "key_1",
                    generations(3),
                    NanoUsd.ZERO))
            ::forEach,
        nanos());
    var neverSent = next.compose("epoch", 0, nanos());
    assertThat(neverSent.subjects()).isNotEmpty();
    silence();

    for (int times = 0; times < 5; times++) {
      answer(next);
    }

    assertThat(next.unreportedFrom()).isEqualTo(Long.MAX_VALUE);
    assertThat(store.taken("k:key_1", "l.generations")).isEqualTo(3);
  }

  @Test
  void whatMeteringDoesNotSayOfOneKeyRefusesNoJobOfAnother() {
    begin();
    decide("key_1", everGenerations(10));
    decide("key_2", limits(Optional.of(10L), Optional.empty()));
    TenantQuotas tenant = table.known("ten_1");

    List<PendingAdmission> refused = pending.unseeded(tenant.key("key_1"), nanos()).done();

    assertThat(refused).extracting(waiting -> waiting.request.keyId()).containsExactly("key_1");
    assertThat(pending.all(tenant))
        .extracting(waiting -> waiting.request.keyId())
        .containsExactly("key_2");
  }

  @Test
  void whatMeteringSaidInAnotherLifeOfTheStoreIsAskedAgain() {
    begin();
    decide("key_1", everGenerations(10));
    SubjectQuotas key = table.known("ten_1").key("key_1");
    KeyConsumption.Window used = new KeyConsumption.Window(generations(3), NanoUsd.ZERO);
    CounterSeed seed = new CounterSeed(date(START), used, used, used);
    LeaseReply reply =
        store.of("r", () -> START + millis).lease(leases.compose("epoch", 0, nanos())).result();
    assertThat(leases.apply(reply, nanos(), nanos()).toSeed()).containsExactly(key);

    leases.seeded(key, seed, "an older one");

    assertThat(key.seed()).isNull();
    assertThat(table.queue().nextAsked()).isEqualTo(key);
    leases.seeded(key, seed, leases.epoch());
    assertThat(key.seed()).isEqualTo(seed);
  }
}
