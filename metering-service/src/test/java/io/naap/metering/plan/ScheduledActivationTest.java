package io.naap.metering.plan;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Operator;
import io.naap.metering.Samples;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Plan versions and assignments with a later effective time, and what is announced when it comes.
 * The test passes the time in.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class ScheduledActivationTest {
  @Inject ScheduledActivation reached;
  @Inject Operator operator;

  private final String tenant = Samples.id(IdKind.TENANT);
  private final String key = Samples.id(IdKind.KEY);
  private final Instant tomorrow =
      Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);

  @Test
  void aPriceBookOfALaterDayHoldsFromThenOnAndRoutersAreToldOnce() throws Exception {
    String book = operator.make("/v1/prices", charges(1, ""));
    String plan =
        operator.make(
            "/v1/plans",
            "{\"name\":\"Booked\",\"charges\":[],\"price_book\":\"%s\"}".formatted(book));
    operator.assign(tenant, plan);

    operator.make(
        "/v1/prices/" + book + "/versions", charges(2, ",\"effective_from\":\"" + tomorrow + "\""));

    assertThat(cost(Instant.now())).isEqualTo("1.00");
    assertThat(cost(tomorrow.minusSeconds(1))).isEqualTo("1.00");
    assertThat(cost(tomorrow)).isEqualTo("2.00");
    router().body("plan.version", equalTo(1));
    // The first call may announce again what applied from its creation.
    reached.until(Instant.now());
    long told = told(plan);
    reached.until(tomorrow.minusSeconds(1));
    assertThat(told(plan)).isEqualTo(told);
    atOnce(tomorrow);
    reached.until(tomorrow.plusSeconds(5));
    assertThat(told(plan)).isEqualTo(told + 1);
  }

  private static String charges(int price, String more) {
    return "{\"name\":\"Book\",\"charges\":[{\"model\":\"per_request\",\"filter\":{\"capability\":\"llm\"},\"price\":%d}]%s}"
        .formatted(price, more);
  }

  private io.restassured.response.ValidatableResponse router() {
    return given()
        .auth()
        .oauth2(Tokens.service("router"))
        .get("/internal/tenants/" + tenant + "/plan")
        .then()
        .statusCode(200);
  }

  private void atOnce(Instant now) throws Exception {
    try (ExecutorService replicas = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int at = 0; at < 4; at++) {
        all.add(replicas.submit(() -> reached.until(now)));
      }
      for (Future<Integer> one : all) {
        one.get();
      }
    }
  }

  /**
   * Records an event that occurs at an instant and returns what it costs, under the plan version in
   * force then.
   */
  private String cost(Instant at) {
    String event = operator.record(new Operator.Job(tenant, key, "llm", 1, at, ""), "accepted");
    return operator.asks().get("/v1/usage/events/" + event).path("cost.amount");
  }

  private long told(String plan) {
    return operator.told(Topics.PLANS, PlanChanged.class).stream()
        .filter(changed -> changed.planId().equals(plan) && changed.tenantId().isEmpty())
        .count();
  }
}
