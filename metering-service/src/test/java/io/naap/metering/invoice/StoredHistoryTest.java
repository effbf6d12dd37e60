package io.naap.metering.invoice;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Samples;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * A hundred random histories through the database - plans, a change of plan, jobs, refunds, credits
 * - closed by four replicas at once and again; each invoice against whole-number arithmetic written
 * another way.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class StoredHistoryTest {
  private static final int HISTORIES = Integer.getInteger("naap.histories", 100);

  @Inject Transactions transactions;
  @Inject Closing closing;

  private final String operator = Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR);
  private final Instant end =
      Instant.now()
          .atOffset(ZoneOffset.UTC)
          .withDayOfMonth(1)
          .toInstant()
          .truncatedTo(ChronoUnit.DAYS);
  private final Instant begin = end.atOffset(ZoneOffset.UTC).minusMonths(1).toInstant();
  private final long seconds = Duration.between(begin, end).toSeconds();
  private int sent;

  /** A plan: a fee, so many jobs at one price and those beyond at another. */
  private record Tiers(String id, long feeCents, long border, long low, long high) {
    BigInteger upTo(long jobs) {
      long cheap = Math.min(jobs, border);
      return BigInteger.valueOf(cheap)
          .multiply(BigInteger.valueOf(low))
          .add(BigInteger.valueOf(jobs - cheap).multiply(BigInteger.valueOf(high)));
    }
  }

  private record Expected(BigInteger subtotal, BigInteger due, int credits) {}

  @Test
  void everyInvoiceIsWhatWholeNumbersSayAndClosingAgainChangesNothing() throws Exception {
    Random random = new Random(20_261_125);
    List<Tiers> plans = new ArrayList<>();
    for (int at = 0; at < 6; at++) {
      plans.add(plan(random));
    }
    Map<String, Expected> expected = new HashMap<>();
    for (int at = 0; at < HISTORIES; at++) {
      String tenant = Samples.id(IdKind.TENANT);
      expected.put(tenant, history(random, tenant, plans));
    }

    closeAtOnce();
    String once = stored();
    closeAtOnce();

    assertThat(stored()).isEqualTo(once);
    for (Map.Entry<String, Expected> one : expected.entrySet()) {
      compare(one.getKey(), one.getValue(), random);
    }
    long gaps =
        transactions.run(
            tx ->
                tx.one("select max(number) - count(*) from invoice where number > 0")
                    .orElseThrow()
                    .getLong(0));
    assertThat(gaps).isZero();
  }

  private Expected history(Random random, String tenant, List<Tiers> plans) {
    Tiers first = plans.get(random.nextInt(plans.size()));
    Tiers second = plans.get(random.nextInt(plans.size()));
    boolean changes = random.nextBoolean() && !first.equals(second);
    Instant change = begin.plusSeconds(1 + random.nextInt((int) seconds - 1));
    assign(tenant, begin, first);
    if (changes) {
      assign(tenant, change, second);
    }
    BigInteger sum = BigInteger.ZERO;
    sum = sum.add(stretch(random, tenant, first, begin, changes ? change : end, changes));
    if (changes) {
      sum = sum.add(stretch(random, tenant, second, change, end, true));
    }
    BigInteger cents = rounded(sum, BigInteger.valueOf(10_000_000));
    return new Expected(sum, cents.multiply(BigInteger.valueOf(10_000_000)), random.nextInt(3));
  }

  /** Jobs of a stretch, some of them taken back, some put right, and the fee for its part. */
  private BigInteger stretch(
      Random random, String tenant, Tiers plan, Instant from, Instant to, boolean part) {
    BigInteger sum = BigInteger.ZERO;
    long jobs = 0;
    int count = random.nextInt(5);
    long room = Duration.between(from, to).toSeconds();
    for (int at = 0; at < count; at++) {
      long units = 1L + random.nextInt(40);
      Instant when = from.plusSeconds(random.nextLong(room));
      String event = record(tenant, plan, when, units);
      BigInteger cost = plan.upTo(jobs + units).subtract(plan.upTo(jobs));
      jobs += units;
      sum = sum.add(cost);
      if (random.nextInt(4) == 0) {
        // Taken back at what it cost, where the period was then.
        jobs -= units;
        sum = sum.subtract(cost);
        long right = random.nextInt(3) * 7L;
        correct(event, right);
        sum = sum.add(plan.upTo(jobs + right).subtract(plan.upTo(jobs)));
        jobs += right;
      }
    }
    BigInteger fee = BigInteger.valueOf(plan.feeCents).multiply(BigInteger.valueOf(10_000_000));
    return sum.add(
        part ? rounded(fee.multiply(BigInteger.valueOf(room)), BigInteger.valueOf(seconds)) : fee);
  }

  private void compare(String tenant, Expected expected, Random random) {
    JsonPath page =
        given()
            .auth()
            .oauth2(Tokens.of(tenant, Role.BILLING))
            .get("/v1/invoices")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath();
    if (expected.subtotal.signum() == 0 && page.getList("data").isEmpty()) {
      return;
    }
    assertThat(page.getList("data")).as(tenant).hasSize(1);
    String id = page.getString("data[0].id");
    assertThat(nanos(page.getString("data[0].subtotal.amount")))
        .as(tenant)
        .isEqualTo(expected.subtotal);
    assertThat(nanos(page.getString("data[0].due.amount"))).as(tenant).isEqualTo(expected.due);
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/invoices/" + id + "/verification")
        .then()
        .statusCode(200)
        .body("agrees", equalTo(true));
    credit(tenant, id, expected, random);
  }

  /** Credit notes take from what is due, and never more than there is. */
  private void credit(String tenant, String id, Expected expected, Random random) {
    BigInteger left = expected.due;
    for (int at = 0; at < expected.credits; at++) {
      long cents = 1L + random.nextInt(500);
      BigInteger amount = BigInteger.valueOf(cents).multiply(BigInteger.valueOf(10_000_000));
      int status =
          given()
              .auth()
              .oauth2(operator)
              .contentType("application/json")
              .header("Idempotency-Key", id + at)
              .body(
                  "{\"amount\":{\"amount\":\"%s\",\"currency\":\"USD\"},\"reason\":\"random\"}"
                      .formatted(new BigDecimal(amount, 9).setScale(2).toPlainString()))
              .post("/v1/invoices/" + id + "/credit-notes")
              .statusCode();
      boolean fits = amount.compareTo(left) <= 0;
      assertThat(status).as("%s of %s on %s", amount, left, tenant).isEqualTo(fits ? 201 : 422);
      left = fits ? left.subtract(amount) : left;
    }
    String credited =
        transactions.run(
            tx ->
                tx.one(
                        "select coalesce(-sum(total), 0)::text from invoice where of_invoice = $1",
                        id)
                    .orElseThrow()
                    .getString(0));
    assertThat(new BigInteger(credited)).isEqualTo(expected.due.subtract(left));
  }

  private static BigInteger nanos(String dollars) {
    return new BigDecimal(dollars).movePointRight(9).toBigIntegerExact();
  }

  private static BigInteger rounded(BigInteger value, BigInteger divisor) {
    return new BigDecimal(value)
        .divide(new BigDecimal(divisor), 0, RoundingMode.HALF_EVEN)
        .toBigIntegerExact();
  }

  private void closeAtOnce() throws Exception {
    try (ExecutorService replicas = Executors.newFixedThreadPool(4)) {
      List<Callable<Integer>> all = new ArrayList<>();
      for (int at = 0; at < 4; at++) {
        all.add(() -> closing.closeUntil(Instant.now()));
      }
      for (Future<Integer> one : replicas.invokeAll(all)) {
        one.get();
      }
    }
  }

  private String stored() {
    return transactions.run(
        tx ->
            tx.one(
                    "select md5(string_agg(id || number || status || document::text || total || due, ',' order by id))"
                        + " from invoice where number > 0")
                .orElseThrow()
                .getString(0));
  }

  private void assign(String tenant, Instant from, Tiers plan) {
    transactions.run(
        tx ->
            tx.change(
                "insert into tenant_assignment (tenant_id, effective_from, plan_id, created_at) values ($1, $2, $3, $2)",
                tenant,
                from.atOffset(ZoneOffset.UTC),
                plan.id));
  }

  private Tiers plan(Random random) {
    long fee = random.nextInt(3) * 777L;
    long border = 5L + random.nextInt(40);
    long low = random.nextLong(2_000_000_000L);
    long high = random.nextLong(2_000_000_000L);
    String id =
        given()
            .auth()
            .oauth2(operator)
            .contentType("application/json")
            .header("Idempotency-Key", Samples.id(IdKind.EVENT))
            .body(
                """
                {"name":"Tiers","prepaid":false,"charges":[
                  {"model":"subscription","price":%s},
                  {"model":"graduated","unit":"requests","per":1,"tiers":[{"up_to":%d,"price":%s},{"price":%s}]}]}"""
                    .formatted(
                        BigDecimal.valueOf(fee, 2).toPlainString(),
                        border,
                        BigDecimal.valueOf(low, 9).toPlainString(),
                        BigDecimal.valueOf(high, 9).toPlainString()))
            .post("/v1/plans")
            .then()
            .statusCode(201)
            .extract()
            .path("id");
    transactions.run(
        tx -> {
          tx.change("alter table plan_version disable trigger plan_version_append_only");
          tx.change(
              "update plan_version set effective_from = '2020-01-01T00:00:00Z' where plan_id = $1",
              id);
          return tx.change("alter table plan_version enable trigger plan_version_append_only");
        });
    return new Tiers(id, fee, border, low, high);
  }

  private String record(String tenant, Tiers plan, Instant at, long units) {
    return given()
        .auth()
        .oauth2(operator)
        .contentType("application/cloudevents+json")
        .body(
            """
            {"specversion":"1.0","id":"h%d","source":"/histories","type":"io.naap.usage","subject":"%s","time":"%s",
             "data":{"key_id":"key_01kaq3v7g8e2nb0p4m6r9t1x5z","capability":"llm","model":"m","units":{"requests":%d},"plan":"%s@1"}}"""
                .formatted(sent++, tenant, at, units, plan.id))
        .post("/v1/usage/events")
        .then()
        .statusCode(200)
        .body("events[0].state", equalTo("accepted"))
        .extract()
        .path("events[0].event_id");
  }

  private void correct(String event, long units) {
    given()
        .auth()
        .oauth2(operator)
        .contentType("application/json")
        .body(units == 0 ? "{}" : "{\"units\":{\"requests\":" + units + "}}")
        .post("/v1/usage/events/" + event + "/correction")
        .then()
        .statusCode(200);
  }
}
