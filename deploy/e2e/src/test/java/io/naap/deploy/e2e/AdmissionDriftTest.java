package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Admission's money is altered in Redis while routers lease from it: the ledger's view wins within
 * seconds, somebody is told, and the tenant's jobs go on. The platform compares every second here
 * (see pom.xml); an installation every half minute.
 */
class AdmissionDriftTest {
  private static final Platform PLATFORM = Started.platform();
  private static final long DOLLAR = 1_000_000_000L;
  private final Api api = new Api(PLATFORM.origin());
  private Api.Session tenant;
  private String key;
  private String books;
  private BigDecimal spent = BigDecimal.ZERO;

  @BeforeEach
  void aTenantWhoseRouterHoldsMoney() throws Exception {
    tenant = api.signIn(Wallets.random());
    Started.alarms(tenant.tenantId());
    Api.Session operator = new Api(PLATFORM.origin()).signIn(PLATFORM.operator());
    api.credit(operator, tenant.tenantId(), "3.00", "drift-" + tenant.tenantId()).expect(201);
    key = api.createKey(tenant, "{\"name\":\"drift\"}").path("key").asText();
    books = "naap:adm:t:" + tenant.tenantId();
    jobs(3);
    until("admission knows the funding", () -> number("total") > 0 && number("spent") > 0);
  }

  @Test
  void moneyThatNobodyPaidInIsTakenBackAndAlarmed() throws Exception {
    long total = number("total");
    double alarms = metric("clearinghouse_admission_alarms_total", "more_than_set_aside");
    double corrections = metric("clearinghouse_admission_corrections_total", "more_than_set_aside");

    PlatformRedis.command(PLATFORM, "HINCRBY", books, "total", String.valueOf(5 * DOLLAR));
    PlatformRedis.command(PLATFORM, "HINCRBY", books, "available", String.valueOf(5 * DOLLAR));

    until(
        "corrected",
        () ->
            metric("clearinghouse_admission_corrections_total", "more_than_set_aside")
                > corrections);
    assertThat(metric("clearinghouse_admission_alarms_total", "more_than_set_aside"))
        .isGreaterThan(alarms);
    jobs(2);
    assertBooksAgain();
    assertThat(number("total")).isLessThan(total + DOLLAR);
    until(
        "nothing is measured any more",
        () -> metric("clearinghouse_admission_drift_nano_usd", "more_than_set_aside") == 0);
  }

  @Test
  void aLostKeyBringsNoSpentMoneyBack() throws Exception {
    double alarms = metric("clearinghouse_admission_alarms_total", "forgot_spending");
    double corrections = metric("clearinghouse_admission_corrections_total", "forgot_spending");

    PlatformRedis.command(PLATFORM, "DEL", books);

    until(
        "corrected",
        () -> metric("clearinghouse_admission_corrections_total", "forgot_spending") > corrections);
    assertThat(metric("clearinghouse_admission_alarms_total", "forgot_spending"))
        .isGreaterThan(alarms);
    jobs(2);
    assertBooksAgain();
  }

  @Test
  void partsThatDoNotMakeTheTotalAreMended() throws Exception {
    double corrections = metric("clearinghouse_admission_corrections_total", "does_not_add_up");

    PlatformRedis.command(PLATFORM, "HINCRBY", books, "available", String.valueOf(DOLLAR / 2));

    until(
        "corrected",
        () -> metric("clearinghouse_admission_corrections_total", "does_not_add_up") > corrections);
    jobs(2);
    assertBooksAgain();
  }

  /** Admission adds up and has all that was spent; so does the tenant's balance; and the ledger. */
  private void assertBooksAgain() throws Exception {
    BigDecimal left = new BigDecimal("3.00").subtract(spent());
    until("the tenant is charged its jobs and no more", () -> balance().compareTo(left) == 0);
    until(
        "admission's parts make its total",
        () -> number("total") == number("available") + number("leased") + number("spent"));
    // What went back to the tenant unused counts as spent in admission.
    until(
        "admission has spent what the ledger charged",
        () -> number("spent") - number("withdrawn") == nanos(spent));
    LedgerVerification verified = LedgerVerification.of(PLATFORM);
    assertThat(verified.status()).as(verified.output()).isZero();
  }

  private void jobs(int jobs) {
    for (int job = 0; job < jobs; job++) {
      requests.put(
          api.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":512,\"height\":512}")
              .expect(200)
              .header("x-request-id"),
          BigDecimal.ZERO);
    }
  }

  private final Map<String, BigDecimal> requests = new HashMap<>();

  /** What all jobs cost, once each has its usage event. */
  private BigDecimal spent() throws InterruptedException {
    spent = BigDecimal.ZERO;
    for (String request : requests.keySet()) {
      String path = "/v1/usage/events?request_id=" + request;
      until(
          "job " + request + " is rated",
          () -> !api.get(path, tenant.accessToken()).expect(200).json().path("data").isEmpty());
      spent =
          spent.add(
              new BigDecimal(
                  api.get(path, tenant.accessToken())
                      .expect(200)
                      .json()
                      .at("/data/0/cost/amount")
                      .asText()));
    }
    return spent;
  }

  private BigDecimal balance() {
    return new BigDecimal(
        api.get("/v1/balance", tenant.accessToken())
            .expect(200)
            .json()
            .at("/balance/amount")
            .asText());
  }

  private static long nanos(BigDecimal dollars) {
    return dollars.movePointRight(9).longValueExact();
  }

  private long number(String field) {
    String value = PlatformRedis.command(PLATFORM, "HGET", books, field);
    return value.isEmpty() ? 0 : Long.parseLong(value);
  }

  private static double metric(String name, String kind) {
    String text =
        new Api(PLATFORM.management("clearinghouse")).get("/q/metrics", null).expect(200).text();
    return text.lines()
        .filter(line -> line.startsWith(name + "{kind=\"" + kind + "\"}"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static void until(String what, BooleanSupplier condition) throws InterruptedException {
    for (int look = 0; look < 300; look++) {
      if (condition.getAsBoolean()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("never: " + what);
  }
}
