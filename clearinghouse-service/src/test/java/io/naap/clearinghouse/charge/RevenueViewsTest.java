package io.naap.clearinghouse.charge;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.store.stream.StreamReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Random sequences of everything that earns or gives back: all views say what the ledger says. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class RevenueViewsTest {
  private static final int SEQUENCES = 25;
  private static final int STEPS = 24;

  @Inject Charges charges;
  @Inject Fees fees;
  @Inject Ledger ledger;

  private int entries;

  @Test
  void everyViewOfRevenueIsTheLedgers() {
    for (int seed = 0; seed < SEQUENCES; seed++) {
      check(seed);
    }
    assertThat(
            given()
                .auth()
                .oauth2(Samples.operator())
                .get("/v1/reconciliation/verification")
                .jsonPath()
                .getList("rules.findAll { it.violations > 0 }.name"))
        .isEmpty();
  }

  private void check(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    String tenant = Samples.tenant();
    List<ChargeRated> jobs = new ArrayList<>();
    NanoUsd most = NanoUsd.ZERO;
    Samples.credit(tenant, "5");
    String funding =
        Samples.fund(tenant, Samples.id(IdKind.EVENT), "0", "2").extract().path("funding_id");
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          List<ChargeRated> batch = new ArrayList<>();
          for (int at = 0; at <= random.nextInt(3); at++) {
            batch.add(job(random, tenant, random.nextBoolean() ? funding : null));
          }
          jobs.addAll(batch);
          take(batch);
        }
        case 3 -> {
          if (!jobs.isEmpty()) {
            fees.take(entries(List.of(correction(jobs.get(random.nextInt(jobs.size()))))));
          }
        }
        case 4 -> {
          if (!jobs.isEmpty()) {
            reverse(
                "select journal_id from charge where usage_event_id = $1",
                jobs.get(random.nextInt(jobs.size())).usageEventId());
          }
        }
        case 5 -> fees.take(entries(List.of(fee(random, tenant))));
        case 6 ->
            reverse(
                "select id from journal where kind = 'fee' and tenant_id = $1 order by random()"
                    + " limit 1",
                tenant);
        default -> take(jobs);
      }
    }

    BigDecimal ledgers = dollars("revenue", tenant);
    JsonPath report = report("/v1/reconciliation?limit=100&tenant_id=" + tenant);
    assertThat(new BigDecimal(report.getString("totals.revenue.amount")))
        .as("seed %d", seed)
        .isEqualByComparingTo(ledgers);
    assertThat(sum(report.getList("data.revenue.amount"))).isEqualByComparingTo(ledgers);
    JsonPath days = report("/v1/reconciliation/days");
    assertThat(
            sum(
                days.getList(
                    "data.findAll { it.tenant_id == '%s' }.revenue.amount".formatted(tenant))))
        .as("by day, seed %d", seed)
        .isEqualByComparingTo(ledgers);
    for (ChargeRated job : jobs) {
      NanoUsd part = job.sponsored().map(Sponsored::amount).orElse(NanoUsd.ZERO);
      most = most.plus(job.amount()).plus(part);
    }
    BigDecimal fromJobs =
        ledger.read(
            tx ->
                tx.one(
                        """
                        select (select coalesce(sum(amount + sponsored), 0) from charge where tenant_id = $1)
                          - (select coalesce(sum(amount + sponsored), 0) from job_refund where tenant_id = $1)\
                        """,
                        tenant)
                    .orElseThrow()
                    .getBigDecimal(0));
    assertThat(fromJobs)
        .as("given back at most once")
        .isBetween(BigDecimal.ZERO, BigDecimal.valueOf(most.nanos()));
  }

  private static ChargeRated job(RandomGenerator random, String tenant, String funding) {
    ChargeRated job =
        Samples.charge(
            tenant,
            NanoUsd.ofNanos(random.nextLong(1, 700_000_000)).toString(),
            funding,
            random.nextBoolean() ? "llm" : "text-to-image",
            "gateway-a",
            random.nextInt(1_000));
    Optional<Sponsored> part =
        random.nextInt(3) == 0
            ? Optional.of(
                new Sponsored(
                    Samples.id(IdKind.BUDGET), NanoUsd.ofNanos(random.nextLong(1, 300_000_000))))
            : Optional.empty();
    return new ChargeRated(
        new ChargeRated.Source(
            job.eventId(), job.usageEventId(), job.requestId(), job.occurredAt(), job.ratedAt()),
        new ChargeRated.Job(
            job.tenantId(),
            job.keyId(),
            job.capability(),
            job.model(),
            job.pool(),
            job.gateway(),
            job.units()),
        new ChargeRated.Price(job.plan(), job.fundingId(), job.amount(), part, Optional.empty()));
  }

  private static FeeCharged correction(ChargeRated job) {
    return new FeeCharged(
        job.usageEventId() + "-r",
        Instant.now(),
        job.tenantId(),
        "adjustment",
        Samples.id(IdKind.INVOICE),
        job.amount().negated(),
        job.sponsored(),
        Optional.of(job.usageEventId()));
  }

  private static FeeCharged fee(RandomGenerator random, String tenant) {
    String[] kinds = {"subscription", "minimum", "discount", "rounding", "tax", "credit_note"};
    String kind = kinds[random.nextInt(kinds.length)];
    long amount = random.nextLong(1, 900_000_000);
    boolean back = kind.equals("discount") || kind.equals("credit_note");
    return new FeeCharged(
        Samples.id(IdKind.EVENT),
        Instant.now(),
        tenant,
        kind,
        Samples.id(IdKind.INVOICE),
        NanoUsd.ofNanos(back ? -amount : amount));
  }

  private void take(List<ChargeRated> jobs) {
    charges.take(entries(jobs));
  }

  private List<StreamReader.Entry> entries(List<?> events) {
    List<StreamReader.Entry> all = new ArrayList<>();
    for (Object event : events) {
      all.add(new StreamReader.Entry("test", "1-" + entries++, Json.write(event)));
    }
    return all;
  }

  /** Whether it may be undone is not the question here. */
  private void reverse(String journal, String of) {
    ledger
        .read(tx -> tx.one(journal, of))
        .ifPresent(
            row ->
                given()
                    .auth()
                    .oauth2(Samples.operator())
                    .header("Idempotency-Key", Samples.id(IdKind.EVENT))
                    .contentType(ContentType.JSON)
                    .body(
                        "{\"journal_id\":\"%s\",\"reason\":\"a test\"}".formatted(row.getString(0)))
                    .post("/v1/payments/reversals")
                    .then()
                    .statusCode(org.hamcrest.Matchers.oneOf(201, 409)));
  }

  private BigDecimal dollars(String kind, String owner) {
    return ledger.read(
        tx ->
            tx.one(
                    "select coalesce(sum(balance), 0) from account where kind = $1 and owner = $2",
                    kind,
                    owner)
                .orElseThrow()
                .getBigDecimal(0)
                .movePointLeft(9));
  }

  private static JsonPath report(String path) {
    return given()
        .auth()
        .oauth2(Samples.operator())
        .get(path)
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private static BigDecimal sum(List<String> amounts) {
    return amounts.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
  }
}
