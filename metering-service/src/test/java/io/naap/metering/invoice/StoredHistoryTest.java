package io.naap.metering.invoice;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Operator;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A hundred random histories stored in Postgres (plans, a change of plan, jobs, corrections, credit
 * notes), with periods closed by four replicas at once and once more. Each invoice is compared with
 * whole-number arithmetic that is written independently.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoredHistoryTest {
  private static final String KEY = "key_01kaq3v7g8e2nb0p4m6r9t1x5z";
  private static final int HISTORIES = Integer.getInteger("naap.histories", 100);

  @Inject Transactions transactions;
  @Inject PeriodClosing closing;
  @Inject Operator operator;

  private final Instant end =
      Instant.now()
          .atOffset(ZoneOffset.UTC)
          .withDayOfMonth(1)
          .toInstant()
          .truncatedTo(ChronoUnit.DAYS);
  private final Instant begin = end.atOffset(ZoneOffset.UTC).minusMonths(1).toInstant();
  private final long seconds = Duration.between(begin, end).toSeconds();
  private final Random random = new Random(20_261_125);
  private final Map<String, Expected> expected = new HashMap<>();

  /** The invoice of each tenant that has one, by tenant. */
  private final Map<String, JsonPath> invoices = new HashMap<>();

  /** A plan with a fee, one price for jobs up to {@code border} and another beyond it. */
  private record Tiers(String id, long feeCents, long border, long low, long high) {
    BigInteger upTo(long jobs) {
      long cheap = Math.min(jobs, border);
      return BigInteger.valueOf(cheap)
          .multiply(BigInteger.valueOf(low))
          .add(BigInteger.valueOf(jobs - cheap).multiply(BigInteger.valueOf(high)));
    }
  }

  private record Expected(BigInteger subtotal, BigInteger due, int credits) {}

  /**
   * Runs once, before the first test: in a {@code @BeforeAll} method the service cannot be called
   * yet.
   */
  @BeforeEach
  void makeHistoriesAndCloseThem() throws Exception {
    if (!expected.isEmpty()) {
      return;
    }
    List<Tiers> plans = new ArrayList<>();
    for (int at = 0; at < 6; at++) {
      plans.add(plan());
    }
    for (int at = 0; at < HISTORIES; at++) {
      String tenant = Samples.id(IdKind.TENANT);
      expected.put(tenant, history(tenant, plans));
    }
    closeAtOnce();
    for (String tenant : expected.keySet()) {
      JsonPath page = get(tenant, "/v1/invoices");
      assertThat(page.getList("data")).as(tenant).hasSizeLessThan(2);
      if (!page.getList("data").isEmpty()) {
        invoices.put(tenant, page);
      }
    }
  }

  @Test
  void everyInvoiceIsWhatWholeNumbersSay() {
    expected.forEach(
        (tenant, said) -> {
          JsonPath invoice = invoices.get(tenant);
          if (invoice == null) {
            assertThat(said.subtotal).as(tenant).isZero();
            return;
          }
          assertThat(nanos(invoice.getString("data[0].subtotal.amount")))
              .as(tenant)
              .isEqualTo(said.subtotal);
          assertThat(nanos(invoice.getString("data[0].due.amount"))).as(tenant).isEqualTo(said.due);
        });
  }

  @Test
  void closingAgainChangesNothing() throws Exception {
    String once = stored();

    closeAtOnce();

    assertThat(stored()).isEqualTo(once);
  }

  @Test
  void numbersHaveNoGaps() {
    long gaps =
        transactions.run(
            tx ->
                tx.one("select max(number) - count(*) from invoice where number > 0")
                    .orElseThrow()
                    .getLong(0));

    assertThat(gaps).isZero();
  }

  @Test
  void everyInvoiceIsVerifiedFromItsEvents() {
    invoices.forEach(
        (tenant, invoice) ->
            assertThat(
                    get(tenant, "/v1/invoices/" + invoice.getString("data[0].id") + "/verification")
                        .getBoolean("agrees"))
                .as(tenant)
                .isTrue());
  }

  @Test
  void creditNotesTakeWhatIsDueAndNeverMore() {
    invoices.forEach(
        (tenant, invoice) -> credit(tenant, invoice.getString("data[0].id"), expected.get(tenant)));
  }

  private static JsonPath get(String tenant, String path) {
    return given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.BILLING))
        .get(path)
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private Expected history(String tenant, List<Tiers> plans) {
    Tiers first = plans.get(random.nextInt(plans.size()));
    Tiers second = plans.get(random.nextInt(plans.size()));
    boolean changes = random.nextBoolean() && !first.equals(second);
    Instant change = begin.plusSeconds(1 + random.nextInt((int) seconds - 1));
    operator.assign(tenant, first.id, begin);
    if (changes) {
      operator.assign(tenant, second.id, change);
    }
    BigInteger sum = BigInteger.ZERO;
    sum = sum.add(segment(tenant, first, begin, changes ? change : end, changes));
    if (changes) {
      sum = sum.add(segment(tenant, second, change, end, true));
    }
    BigInteger cents = rounded(sum, BigInteger.valueOf(10_000_000));
    return new Expected(sum, cents.multiply(BigInteger.valueOf(10_000_000)), random.nextInt(3));
  }

  /**
   * Records random jobs of a segment and corrects some of them; returns what the jobs and the
   * segment's part of the fee cost.
   */
  private BigInteger segment(String tenant, Tiers plan, Instant from, Instant to, boolean part) {
    BigInteger sum = BigInteger.ZERO;
    long jobs = 0;
    int count = random.nextInt(5);
    long room = Duration.between(from, to).toSeconds();
    for (int at = 0; at < count; at++) {
      long units = 1L + random.nextInt(40);
      Instant when = from.plusSeconds(random.nextLong(room));
      String event =
          operator.record(
              new Operator.Job(tenant, KEY, "llm", units, when, plan.id + "@1"), "accepted");
      BigInteger cost = plan.upTo(jobs + units).subtract(plan.upTo(jobs));
      jobs += units;
      sum = sum.add(cost);
      if (random.nextInt(4) == 0) {
        // A reversal refunds what the job cost at the position the period had then.
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

  private void credit(String tenant, String id, Expected said) {
    BigInteger left = said.due;
    for (int at = 0; at < said.credits; at++) {
      long cents = 1L + random.nextInt(500);
      BigInteger amount = BigInteger.valueOf(cents).multiply(BigInteger.valueOf(10_000_000));
      int status =
          operator
              .asks()
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
    assertThat(new BigInteger(credited)).isEqualTo(said.due.subtract(left));
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

  private Tiers plan() {
    long fee = random.nextInt(3) * 777L;
    long border = 5L + random.nextInt(40);
    long low = random.nextLong(2_000_000_000L);
    long high = random.nextLong(2_000_000_000L);
    String id =
        operator.oldPlan(
            """
            {"name":"Tiers","prepaid":false,"charges":[
              {"model":"subscription","price":%s},
              {"model":"graduated","unit":"requests","per":1,"tiers":[{"up_to":%d,"price":%s},{"price":%s}]}]}"""
                .formatted(
                    BigDecimal.valueOf(fee, 2).toPlainString(),
                    border,
                    BigDecimal.valueOf(low, 9).toPlainString(),
                    BigDecimal.valueOf(high, 9).toPlainString()));
    return new Tiers(id, fee, border, low, high);
  }

  private void correct(String event, long units) {
    operator.post(
        "/v1/usage/events/" + event + "/correction",
        units == 0 ? "{}" : "{\"units\":{\"requests\":" + units + "}}",
        200);
  }
}
