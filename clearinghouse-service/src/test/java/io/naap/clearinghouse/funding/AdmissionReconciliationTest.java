package io.naap.clearinghouse.funding;

import static io.naap.clearinghouse.Samples.fund;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Topics;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class AdmissionReconciliationTest {
  @Inject Ledger ledger;
  @Inject RedisDataSource redis;
  @Inject ClearinghouseMetrics metrics;
  @Inject Ids ids;
  @Inject Clock clock;

  private final String epoch = "epoch-" + UUID.randomUUID();
  private final String tenant = Samples.tenant();
  @Inject Workers workers;
  @Inject Fundings fundings;

  private AdmissionReconciliation watch;
  private String funding;

  /**
   * Ten dollars set aside, of which admission has leased 2 and spent 3, and the ledger charged 3.
   */
  @BeforeEach
  void begin() {
    watch =
        new AdmissionReconciliation(
            workers,
            ledger,
            new RedisAdmissionStore(redis),
            fundings,
            new AtOnce(),
            metrics,
            ids,
            clock);
    redis.hash(String.class).hset(AdmissionFunds.STORE_KEY, AdmissionFunds.EPOCH, epoch);
    Samples.credit(tenant, "20");
    funding = fund(tenant, epoch, "0", "10").extract().path("funding_id");
    redis.sortedSet(String.class).zadd("naap:adm:routers", 1, "drift-test");
    redis
        .hash(String.class)
        .hset("naap:adm:i:drift-test", "t:" + tenant, "@=4:0;money=2000000000:0;rpm=5:0");
    said("10", "5", "2", "3");
    charge("3", "3");
  }

  @AfterEach
  void end() {
    redis.key().del(AdmissionFunds.STORE_KEY, "naap:adm:i:drift-test", "naap:adm:routers");
    redis.key().del(AdmissionFunds.key(tenant));
  }

  @Test
  void whatAgreesIsLeftAlone() {
    rounds(2);

    assertThat(admission()).isEqualTo("total 10.00 available 5.00 leased 2.00 spent 3.00");
    assertThat(corrections()).isEmpty();
  }

  @Test
  void aLostKeyDoesNotBringSpentMoneyBack() {
    redis.key().del(AdmissionFunds.key(tenant));

    rounds(2);

    assertThat(admission()).isEqualTo("total 10.00 available 5.00 leased 2.00 spent 3.00");
    assertThat(corrections()).isEqualTo("forgot_spending");
  }

  @Test
  void aLostKeyDoesNotBringMoneyBackThatWentBackToItsTenant() {
    AdmissionStore.Withdrawn taken =
        new RedisAdmissionStore(redis)
            .withdraw(epoch, tenant, funding, 1_000_000_000L)
            .orElseThrow();
    fundings.giveBack(tenant, funding, taken.withdrawn());
    redis.key().del(AdmissionFunds.key(tenant));

    rounds(2);

    assertThat(admission()).isEqualTo("total 10.00 available 4.00 leased 2.00 spent 4.00");
    assertThat(corrections()).isEqualTo("forgot_spending");
  }

  /** A router that gives back what it holds counts in a key that knows of no funding. */
  @Test
  void aLostKeyThatARouterGaveMoneyBackToIsMended() {
    redis.key().del(AdmissionFunds.key(tenant));
    redis
        .hash(String.class)
        .hset(
            AdmissionFunds.key(tenant),
            Map.of(
                AdmissionFunds.LIFE, epoch,
                AdmissionFunds.AVAILABLE, nanos("1"),
                AdmissionFunds.LEASED, nanos("-1")));

    rounds(2);

    assertThat(admission()).isEqualTo("total 10.00 available 5.00 leased 2.00 spent 3.00");
    assertThat(corrections()).isEqualTo("forgot_spending");
  }

  @Test
  void whatIsLeftOfAnEarlierLifeOfTheStoreIsNoMoney() {
    said("90", "80", "5", "5");
    redis
        .hash(String.class)
        .hset(AdmissionFunds.key(tenant), Map.of(AdmissionFunds.LIFE, "earlier", "rpm", "7/0:100"));

    rounds(2);

    assertThat(admission()).isEqualTo("total 10.00 available 5.00 leased 2.00 spent 3.00");
    assertThat(corrections()).isEqualTo("forgot_spending");
    assertThat(redis.hash(String.class).hget(AdmissionFunds.key(tenant), "rpm")).isNull();
  }

  @Test
  void aRestoredOlderStateDoesNotEither() {
    said("10", "9", "1", "0");

    rounds(1);
    assertThat(corrections()).as("once may be on its way").isEmpty();
    rounds(1);

    assertThat(admission()).isEqualTo("total 10.00 available 5.00 leased 2.00 spent 3.00");
  }

  @Test
  void moneyCountedTwiceIsTakenBack() {
    said("20", "15", "2", "3");

    rounds(2);

    assertThat(admission()).isEqualTo("total 10.00 available 5.00 leased 2.00 spent 3.00");
    assertThat(corrections()).isEqualTo("more_than_set_aside");
  }

  @Test
  void booksThatDoNotAddUpAreMended() {
    said("10", "7", "2", "3");

    rounds(2);

    assertThat(admission()).isEqualTo("total 10.00 available 5.00 leased 2.00 spent 3.00");
    assertThat(corrections()).isEqualTo("does_not_add_up");
  }

  @Test
  void whatJobsCostLessThanTheirHoldsComesBack() {
    said("10", "4", "2", "4");
    charge("0.25", "1");

    rounds(2);

    assertThat(admission()).isEqualTo("total 10.00 available 4.75 leased 2.00 spent 3.25");
    assertThat(corrections()).as("an everyday correction is only counted").isEmpty();
  }

  @Test
  void jobsNotYetChargedStaySpent() {
    said("10", "4", "2", "4");

    rounds(3);

    assertThat(admission()).isEqualTo("total 10.00 available 4.00 leased 2.00 spent 4.00");
  }

  @Test
  void aStoreThatWentBackToAClosedEpochBeginsAnew() {
    fund(tenant, "later-" + epoch, "0", "1").statusCode(200);

    rounds(1);
    assertThat(redis.key().exists(AdmissionFunds.key(tenant))).isTrue();
    rounds(1);

    assertThat(redis.key().exists(AdmissionFunds.key(tenant))).isFalse();
    assertThat(redis.key().exists(AdmissionFunds.STORE_KEY)).isFalse();
  }

  private void rounds(int count) {
    for (int round = 0; round < count; round++) {
      watch.round();
    }
  }

  private void said(String total, String available, String leased, String spent) {
    redis
        .hash(String.class)
        .hset(
            AdmissionFunds.key(tenant),
            Map.of(
                AdmissionFunds.LIFE, epoch,
                AdmissionFunds.FUNDING, funding,
                AdmissionFunds.TOTAL, nanos(total),
                AdmissionFunds.AVAILABLE, nanos(available),
                AdmissionFunds.LEASED, nanos(leased),
                AdmissionFunds.SPENT, nanos(spent)));
  }

  private static String nanos(String dollars) {
    return Long.toString(NanoUsd.parse(dollars).nanos());
  }

  private String admission() {
    Map<String, String> hash = redis.hash(String.class).hgetall(AdmissionFunds.key(tenant));
    return "total %s available %s leased %s spent %s"
        .formatted(
            dollars(hash.get(AdmissionFunds.TOTAL)),
            dollars(hash.get(AdmissionFunds.AVAILABLE)),
            dollars(hash.get(AdmissionFunds.LEASED)),
            dollars(hash.get(AdmissionFunds.SPENT)));
  }

  private static String dollars(String nanos) {
    return NanoUsd.ofNanos(Long.parseLong(nanos)).toString();
  }

  private String corrections() {
    return ledger.read(
        tx ->
            tx.query("select kind from admission_correction where tenant_id = $1", tenant).stream()
                .map(row -> row.getString("kind"))
                .distinct()
                .collect(java.util.stream.Collectors.joining(",")));
  }

  private void charge(String price, String settled) {
    ChargeRated one = Samples.charge(tenant, price, funding);
    ChargeRated told =
        new ChargeRated(
            new ChargeRated.Source(
                one.eventId(),
                one.usageEventId(),
                one.requestId(),
                one.occurredAt(),
                one.ratedAt()),
            new ChargeRated.Job(
                one.tenantId(),
                one.keyId(),
                one.capability(),
                one.model(),
                one.pool(),
                one.gateway(),
                one.units()),
            new ChargeRated.Price(
                one.plan(),
                one.fundingId(),
                one.amount(),
                one.sponsored(),
                Optional.of(NanoUsd.parse(settled))));
    redis.stream(String.class).xadd(Topics.CHARGES, Map.of(Topics.FIELD, Json.write(told)));
    Samples.await(
        "charged",
        () ->
            ledger.read(
                tx ->
                    tx.one("select 1 from charge where usage_event_id = $1", one.usageEventId())
                        .isPresent()));
  }

  private static final class AtOnce implements DriftConfig {
    @Override
    public Duration interval() {
      return Duration.ofHours(1);
    }

    @Override
    public Duration patience() {
      return Duration.ZERO;
    }

    @Override
    public Duration lostAfter() {
      return Duration.ofHours(1);
    }

    @Override
    public boolean correct() {
      return true;
    }
  }
}
