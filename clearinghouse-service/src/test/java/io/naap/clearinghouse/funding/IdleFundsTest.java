package io.naap.clearinghouse.funding;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Money set aside returns when it is idle, at once when it is needed, and never what jobs hold. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class IdleFundsTest {
  @Inject Workers workers;
  @Inject Ledger ledger;
  @Inject RedisDataSource redis;
  @Inject Fundings fundings;
  @Inject ClearinghouseMetrics metrics;

  private final String epoch = "e-" + UUID.randomUUID();
  private final String tenant = Samples.tenant();
  private Instant now = Instant.parse("2026-11-24T00:00:00Z");
  private IdleFunds idle;
  private String funding;

  /** Of ten dollars one is set aside, of which 0.2 are leased and 0.1 spent. */
  @BeforeEach
  void begin() {
    idle = idle(new RedisAdmissionStore(redis));
    redis.hash(String.class).hset(AdmissionFunds.STORE_KEY, AdmissionFunds.EPOCH, epoch);
    Samples.credit(tenant, "1");
    funding = Samples.fund(tenant, epoch, "0", "1").statusCode(200).extract().path("funding_id");
    redis
        .hash(String.class)
        .hset(
            AdmissionFunds.key(tenant),
            Map.of(
                "e",
                epoch,
                "funding",
                funding,
                "total",
                "1000000000",
                "available",
                "700000000",
                "leased",
                "200000000",
                "spent",
                "100000000"));
  }

  @AfterEach
  void end() {
    redis.key().del(AdmissionFunds.STORE_KEY, AdmissionFunds.key(tenant), "naap:adm:recall");
  }

  private IdleFunds idle(AdmissionStore store) {
    return new IdleFunds(workers, ledger, fundings, store, new AtOnce(), metrics, new Later());
  }

  @Test
  void whatNoJobUsesReturnsAndWhatIsLeasedOrSpentStays() {
    idle.round();
    now = now.plusSeconds(9);
    idle.round();
    assertThat(Samples.balance(tenant)).startsWith("available 0.00, set aside 1.00,");
    now = now.plusSeconds(2);
    idle.round();

    assertThat(Samples.balance(tenant)).startsWith("available 0.70, set aside 0.30,");
    assertThat(field("available")).isEqualTo("0");
    assertThat(field("withdrawn")).isEqualTo("700000000");
  }

  @Test
  void moneyThatJobsUseStays() {
    for (int at = 0; at < 5; at++) {
      idle.round();
      redis.hash(String.class).hincrby(AdmissionFunds.key(tenant), "spent", 1);
      redis.hash(String.class).hincrby(AdmissionFunds.key(tenant), "available", -1);
      now = now.plusSeconds(20);
    }

    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
  }

  @Test
  void whoeverNeedsItGetsWhatIsIdleAtOnceAndNoMore() {
    assertThat(idle.free(tenant, NanoUsd.parse("0.5"))).isEqualTo(IdleMoney.Answer.ASKED);
    assertThat(Samples.balance(tenant)).startsWith("available 0.50, set aside 0.50,");

    assertThat(idle.free(tenant, NanoUsd.parse("0.9"))).isEqualTo(IdleMoney.Answer.HELD);
    assertThat(Samples.balance(tenant)).startsWith("available 0.70, set aside 0.30,");
    assertThat(redis.sortedSet(String.class).zscore("naap:adm:recall", "t:" + tenant)).isPresent();
  }

  @Test
  void aTransferOfMoneyThatWaitsForJobsIsDoneAndOneOfHeldMoneySaysSo() {
    transfer("0.5").statusCode(201);
    transfer("0.5")
        .statusCode(402)
        .body("detail", org.hamcrest.Matchers.containsString("held for jobs"));
  }

  @Test
  void itPaysTheDebtFirst() {
    ledger.transact(
        books -> {
          var owed = io.naap.clearinghouse.ledger.AccountRef.owed(tenant);
          var revenue = io.naap.clearinghouse.ledger.AccountRef.revenue(tenant);
          books.lock(
              java.util.List.of(
                  io.naap.clearinghouse.ledger.AccountRef.credit(tenant), owed, revenue));
          books.book(
              new io.naap.clearinghouse.ledger.Journal(
                  "fee:" + Samples.id(IdKind.EVENT),
                  "fee",
                  Optional.of(tenant),
                  now,
                  "a debt",
                  new io.naap.clearinghouse.ledger.Postings()
                      .add(owed, NanoUsd.parse("-0.4"))
                      .add(revenue, NanoUsd.parse("0.4"))
                      .list()));
          return null;
        });

    idle.free(tenant, NanoUsd.ZERO);

    assertThat(Samples.balance(tenant)).startsWith("available 0.00, set aside 0.60, owed 0.00,");
  }

  @Test
  void whatWasTakenBackAndNotBookedIsBookedByTheNextRoundAndOnce() {
    RedisAdmissionStore store = new RedisAdmissionStore(redis);
    store.withdraw(epoch, tenant, funding, 300_000_000L);
    assertThat(Samples.balance(tenant)).startsWith("available 0.00, set aside 1.00,");

    idle.free(tenant, NanoUsd.parse("0.1"));
    fundings.giveBack(tenant, funding, 400_000_000L);

    assertThat(Samples.balance(tenant)).startsWith("available 0.40, set aside 0.60,");
  }

  @Test
  void anotherEpochOrFundingGivesNothing() {
    RedisAdmissionStore store = new RedisAdmissionStore(redis);
    assertThat(store.withdraw("another", tenant, funding, 1)).isEmpty();
    assertThat(store.withdraw(epoch, tenant, "fnd_another", 1)).isEmpty();
    assertThat(field("available")).isEqualTo("700000000");
  }

  @Test
  void aStoreThatDoesNotAnswerIsSaidInWords() {
    IdleFunds away =
        idle(
            new RedisAdmissionStore(redis) {
              @Override
              public Optional<Withdrawn> withdraw(
                  String epoch, String tenantId, String fundingId, long most) {
                throw new IllegalStateException("Redis is away");
              }
            });

    assertThat(away.free(tenant, NanoUsd.parse("0.5"))).isEqualTo(IdleMoney.Answer.UNAVAILABLE);
    assertThat(
            io.naap.clearinghouse.ledger.InsufficientCredit.refusal(IdleMoney.Answer.UNAVAILABLE))
        .extracting(io.naap.contracts.problem.Refusal::status)
        .isEqualTo(503);
  }

  private ValidatableResponse transfer(String dollars) {
    return given()
        .auth()
        .oauth2(Samples.operator())
        .header("Idempotency-Key", Samples.id(IdKind.EVENT))
        .contentType(ContentType.JSON)
        .body(
            """
            {"from_tenant_id":"%s","to_tenant_id":"%s","amount":{"amount":"%s","currency":"USD"},"reason":"a test"}"""
                .formatted(tenant, Samples.tenant(), dollars))
        .post("/v1/payments/transfers")
        .then();
  }

  private String field(String name) {
    return redis.hash(String.class).hget(AdmissionFunds.key(tenant), name);
  }

  private static final class AtOnce implements IdleConfig {
    @Override
    public Duration interval() {
      return Duration.ofHours(1);
    }

    @Override
    public Duration after() {
      return Duration.ofSeconds(10);
    }

    @Override
    public Duration patience() {
      return Duration.ZERO;
    }
  }

  private final class Later extends Clock {
    @Override
    public java.time.ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      now = now.plusNanos(1);
      return now;
    }
  }
}
