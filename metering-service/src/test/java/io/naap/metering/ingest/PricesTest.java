package io.naap.metering.ingest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.NetworkCostIncurred;
import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Operator;
import io.naap.metering.Samples;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests prices that depend on the period, from the event to the API. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class PricesTest {
  @Inject RedisDataSource redis;
  @Inject Operator operator;

  private final String tenant = Samples.id(IdKind.TENANT);
  private final String viewer = Tokens.of(tenant, Role.VIEWER);
  private final String key = Samples.id(IdKind.KEY);

  @Test
  void aTrialPaysUntilItsMoneyEnds() {
    String plan =
        plan(
            "\"terms\":{\"trial\":{\"days\":30,\"most\":{\"amount\":\"1.00\",\"currency\":\"USD\"}}}",
            0.6);
    operator.assign(tenant, plan);

    event(plan + "@1").body("cost.amount", equalTo("0.00")).body("waived.amount", equalTo("0.60"));
    event(plan + "@1").body("cost.amount", equalTo("0.20")).body("waived.amount", equalTo("0.40"));
    event(plan + "@1").body("cost.amount", equalTo("0.60")).body("waived", nullValue());
  }

  @Test
  void aSponsorPaysUntilItsBudgetEndsAndGetsBackWhatIsTakenBack() {
    String budget =
        operator.make(
            "/v1/plans/budgets",
            "{\"sponsor\":\"Foundation\",\"total\":{\"amount\":\"0.50\",\"currency\":\"USD\"}}");
    String plan =
        planOf(
            "{\"model\":\"grant\",\"budget_id\":\"%s\",\"percent\":75}".formatted(budget), "", 0.6);
    operator.assign(tenant, plan);

    event(plan + "@1")
        .body("cost.amount", equalTo("0.15"))
        .body("sponsored.amount", equalTo("0.45"));
    String last =
        event(plan + "@1")
            .body("cost.amount", equalTo("0.55"))
            .body("sponsored.amount", equalTo("0.05"))
            .extract()
            .path("event_id");
    event(plan + "@1").body("cost.amount", equalTo("0.60")).body("sponsored", nullValue());

    operator.post("/v1/usage/events/" + last + "/correction", "{}", 200);

    assertThat(spent(budget)).isEqualTo("0.45");
    FeeCharged back = fees().getLast();
    assertThat(back.amount()).isEqualTo(NanoUsd.parse("-0.55"));
    assertThat(back.sponsored().orElseThrow().budgetId()).isEqualTo(budget);
    assertThat(back.sponsored().orElseThrow().amount()).isEqualTo(NanoUsd.parse("0.05"));
    event(plan + "@1")
        .body("cost.amount", equalTo("0.55"))
        .body("sponsored.amount", equalTo("0.05"));
  }

  @Test
  void aPriceBookChangesWhatComesFromItsDayOnAndNothingBefore() {
    String book =
        operator.make(
            "/v1/prices",
            "{\"name\":\"Book\",\"charges\":[{\"model\":\"per_request\",\"filter\":{\"capability\":\"llm\"},\"price\":1}]}");
    String plan =
        operator.make(
            "/v1/plans",
            "{\"name\":\"Booked\",\"charges\":[],\"price_book\":\"%s\"}".formatted(book));
    operator.assign(tenant, plan);
    String before =
        event(plan + "@1").body("cost.amount", equalTo("1.00")).extract().path("event_id");

    operator.post(
        "/v1/prices/" + book + "/versions",
        "{\"name\":\"Book\",\"charges\":[{\"model\":\"per_request\",\"filter\":{\"capability\":\"llm\"},\"price\":2}]}",
        201);
    operator.post(
        "/v1/plans/" + plan + "/versions",
        "{\"name\":\"Booked\",\"charges\":[{\"model\":\"per_request\",\"filter\":{\"capability\":\"llm\"},\"price\":3}],\"effective_from\":\"%s\"}"
            .formatted(Instant.now().plusSeconds(86_400)),
        201);

    event(plan + "@2").body("cost.amount", equalTo("2.00"));
    event(plan + "@1").body("cost.amount", equalTo("1.00"));
    given()
        .auth()
        .oauth2(viewer)
        .get("/v1/usage/events/" + before + "/explanation")
        .then()
        .body("agrees", equalTo(true));
    router().body("plan.version", equalTo(2));
  }

  @Test
  void whatAPlanAllowsReachesRoutersWithTheChange() {
    String plan =
        plan(
            "\"tier\":\"premium\",\"limits\":{\"requests_per_minute\":7},\"capabilities\":[\"llm\"],\"models\":[\"m\"]",
            1);
    operator.assign(tenant, plan);

    router()
        .body("tier", equalTo("premium"))
        .body("limits.requests_per_minute", equalTo(7))
        .body("capabilities", equalTo(List.of("llm")))
        .body("models", equalTo(List.of("m")));
    assertThat(changes()).anyMatch(one -> one.tenantId().equals(Optional.of(tenant)));

    operator.post(
        "/v1/plans/" + plan + "/versions",
        "{\"name\":\"P\",\"tier\":\"standard\",\"charges\":[{\"model\":\"per_request\",\"price\":1}],\"limits\":{\"requests_per_minute\":9}}",
        201);

    router().body("tier", equalTo("standard")).body("limits.requests_per_minute", equalTo(9));
    assertThat(changes()).anyMatch(one -> one.planId().equals(plan) && one.tenantId().isEmpty());
  }

  @Test
  void everyEventCarriesItsCostAndTheMarginIsWhatIsLeft() {
    String capability = "margin-" + Samples.id(IdKind.EVENT).substring(4);
    operator.post(
        "/v1/prices/cost-book",
        """
        {"entries":[{"pool":"external","charge":{"model":"per_request","filter":{"capability":"%1$s"},"price":0.25}},
          {"pool":"other","charge":{"model":"per_request","filter":{"capability":"%1$s"},"price":9}},
          {"charge":{"model":"per_request","filter":{"capability":"never"},"price":9}}]}"""
            .formatted(capability),
        200);
    String plan = plan("", 1);
    operator.assign(tenant, plan);
    record(plan + "@1", capability);
    record(plan + "@1", capability);
    NetworkCostIncurred cost =
        new NetworkCostIncurred(
            Samples.id(IdKind.EVENT),
            Instant.now(),
            Optional.of("gateway-a"),
            Optional.of(tenant),
            capability,
            new Wei(BigInteger.valueOf(1_000_000_000_000L)),
            Optional.of(NanoUsd.parse("0.3")));
    redis.stream(String.class).xadd(Topics.NETWORK_COSTS, Map.of(Topics.FIELD, Json.write(cost)));
    redis.stream(String.class).xadd(Topics.NETWORK_COSTS, Map.of(Topics.FIELD, Json.write(cost)));

    Samples.await(
        "margin",
        () ->
            operator
                .asks()
                .get("/v1/usage/margin")
                .then()
                .statusCode(200)
                .extract()
                .<List<String>>path(
                    "data.findAll { it.capability == '" + capability + "' }.margin.amount")
                .equals(List.of("1.70")));
    operator
        .asks()
        .get("/v1/usage/margin")
        .then()
        .body("data.find { it.capability == '" + capability + "' }.revenue.amount", equalTo("2.00"))
        .body(
            "data.find { it.capability == '" + capability + "' }.ticket_cost.amount",
            equalTo("0.30"))
        .body(
            "data.find { it.capability == '" + capability + "' }.book_cost.amount",
            equalTo("0.50"));
  }

  @Test
  void sumsAreReadPageByPage() {
    String plan = plan("", 1);
    for (int at = 0; at < 5; at++) {
      record(plan + "@1", "kind-" + at);
    }
    record(plan + "@1", "kind-3");

    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      ValidatableResponse page =
          given()
              .auth()
              .oauth2(viewer)
              .get("/v1/usage?granularity=day&group_by=status,capability&limit=2" + cursor)
              .then()
              .statusCode(200)
              .body("total.requests", equalTo(6));
      seen.addAll(page.extract().path("data.capability"));
      String next = page.extract().path("next_cursor");
      cursor = next == null ? "" : "&cursor=" + next;
    } while (!cursor.isEmpty());

    assertThat(seen).containsExactly("kind-0", "kind-1", "kind-2", "kind-3", "kind-4");
    assertThat(new HashSet<>(seen)).hasSize(5);
    for (String wrong : List.of("o2", "e30", "eyJ2YWx1ZXMiOlsiYSJdfQ", "%00")) {
      given()
          .auth()
          .oauth2(viewer)
          .get("/v1/usage?granularity=day&group_by=status,capability&cursor=" + wrong)
          .then()
          .statusCode(422);
    }
  }

  private String plan(String more, double price) {
    return planOf("", more, price);
  }

  private String planOf(String charge, String more, double price) {
    return operator.make(
        "/v1/plans",
        "{\"name\":\"P\",\"charges\":[%s{\"model\":\"per_request\",\"price\":%s}]%s}"
            .formatted(
                charge.isEmpty() ? "" : charge + ",", price, more.isEmpty() ? "" : "," + more));
  }

  private ValidatableResponse router() {
    return given()
        .auth()
        .oauth2(Tokens.service("router"))
        .get("/internal/tenants/" + tenant + "/plan")
        .then()
        .statusCode(200);
  }

  private ValidatableResponse event(String plan) {
    return operator.asks().get("/v1/usage/events/" + record(plan, "llm")).then().statusCode(200);
  }

  private String record(String plan, String capability) {
    return operator.record(
        new Operator.Job(tenant, key, capability, 1, Instant.now(), plan), "accepted");
  }

  private String spent(String budget) {
    return operator
        .asks()
        .get("/v1/plans/budgets")
        .then()
        .statusCode(200)
        .extract()
        .path("data.find { it.id == '" + budget + "' }.spent.amount");
  }

  private List<FeeCharged> fees() {
    return operator.told(Topics.FEES, FeeCharged.class).stream()
        .filter(fee -> fee.tenantId().equals(tenant))
        .toList();
  }

  private List<PlanChanged> changes() {
    return operator.told(Topics.PLANS, PlanChanged.class);
  }
}
