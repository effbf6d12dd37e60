package io.naap.clearinghouse.payment;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.naap.clearinghouse.Samples;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class PaymentResourceTest {
  private static final String NOTHING = "available 0.00, set aside 0.00, owed 0.00, balance 0.00";

  @Test
  void givesCreditOnceAndReplaysTheAnswerToTheByte() {
    String tenant = Samples.tenant();
    String operator = Samples.operator();

    Response first = post(operator, "k-" + tenant, Samples.creditBody(tenant, "12.5"));
    Response second = post(operator, "k-" + tenant, Samples.creditBody(tenant, "12.50"));

    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(second.statusCode()).isEqualTo(201);
    assertThat(second.asString()).isEqualTo(first.asString());
    assertThat(first.jsonPath().getString("amount.amount")).isEqualTo("12.50");
    assertThat(first.jsonPath().getString("id")).startsWith("pay_");
    assertThat(Samples.balance(tenant))
        .isEqualTo("available 12.50, set aside 0.00, owed 0.00, balance 12.50");
  }

  @Test
  void refusesTheKeyForAnotherBody() {
    String tenant = Samples.tenant();
    String operator = Samples.operator();
    post(operator, "k-" + tenant, Samples.creditBody(tenant, "1"));

    post(operator, "k-" + tenant, Samples.creditBody(tenant, "2"))
        .then()
        .statusCode(422)
        .body("code", equalTo("idempotency_key_reused"));
  }

  @Test
  void movesMoneyOnceHoweverManyComeAtOnce() throws Exception {
    String tenant = Samples.tenant();
    String operator = Samples.operator();

    List<Future<Integer>> statuses = new ArrayList<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < 16; at++) {
        statuses.add(
            many.submit(
                () -> post(operator, "k-" + tenant, Samples.creditBody(tenant, "1")).statusCode()));
      }
    }

    for (Future<Integer> status : statuses) {
      assertThat(status.get()).isIn(201, 409);
    }
    assertThat(Samples.balance(tenant))
        .isEqualTo("available 1.00, set aside 0.00, owed 0.00, balance 1.00");
  }

  @Test
  void refusesWithoutAnIdempotencyKey() {
    String tenant = Samples.tenant();

    given()
        .auth()
        .oauth2(Samples.operator())
        .contentType("application/json")
        .body(Samples.creditBody(tenant, "1"))
        .post("/v1/payments/credits")
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", equalTo("idempotency_key_missing"));
    assertThat(Samples.balance(tenant)).isEqualTo(NOTHING);
  }

  @Test
  void refusesBadInputAndMovesNothing() {
    String tenant = Samples.tenant();
    String good = Samples.creditBody(tenant, "1");
    record Case(String body, String type, int status, String code) {}
    List<Case> cases =
        List.of(
            new Case("{", "application/json", 400, "malformed_json"),
            new Case("", "application/json", 422, "invalid"),
            new Case(good, "text/plain", 415, "unsupported_media_type"),
            new Case(good.replace("reason", "why"), "application/json", 422, "invalid"),
            new Case(good.replace("\"1\"", "1"), "application/json", 422, "invalid"),
            new Case(good.replace("\"1\"", "\"-1\""), "application/json", 422, "invalid"),
            new Case(good.replace("\"1\"", "\"0\""), "application/json", 422, "invalid"),
            new Case(good.replace("\"1\"", "\"1e3\""), "application/json", 422, "invalid"),
            new Case(good.replace("\"1\"", "\"1000001\""), "application/json", 422, "invalid"),
            new Case(good.replace("\"1\"", "\"0.0000000001\""), "application/json", 422, "invalid"),
            new Case(good.replace("USD", "EUR"), "application/json", 422, "invalid"),
            new Case(good.replace(tenant, "ten_x"), "application/json", 422, "invalid"),
            new Case("x".repeat(1_100_000), "application/json", 413, "body_too_large"));

    for (Case bad : cases) {
      Response answer =
          given()
              .auth()
              .oauth2(Samples.operator())
              .header("Idempotency-Key", "bad")
              .contentType(bad.type())
              .body(bad.body())
              .post("/v1/payments/credits");

      String what =
          bad.body().substring(0, Math.min(200, bad.body().length())) + " -> " + answer.asString();
      assertThat(answer.statusCode()).as(what).isEqualTo(bad.status());
      assertThat(answer.contentType()).as(what).startsWith("application/problem+json");
      assertThat(answer.jsonPath().getString("code")).as(what).isEqualTo(bad.code());
      assertThat(answer.jsonPath().getString("request_id")).as(what).startsWith("req_");
    }
    assertThat(Samples.balance(tenant)).isEqualTo(NOTHING);
  }

  private static Response post(String token, String key, String body) {
    return given()
        .auth()
        .oauth2(token)
        .header("Idempotency-Key", key)
        .contentType("application/json")
        .body(body)
        .post("/v1/payments/credits");
  }

  @Test
  void nothingIsBookedForATenantThatDoesNotExist() {
    String nobody = io.naap.contracts.testing.Stores.NO_TENANT;
    String somebody = Samples.tenant();
    Samples.credit(somebody, "1");
    String amount = "\"amount\":{\"amount\":\"1\",\"currency\":\"USD\"},\"reason\":\"a test\"";
    String[][] asked = {
      {"/v1/payments/credits", "{\"tenant_id\":\"" + nobody + "\"," + amount + "}"},
      {
        "/v1/payments/transfers",
        "{\"from_tenant_id\":\""
            + somebody
            + "\",\"to_tenant_id\":\""
            + nobody
            + "\","
            + amount
            + "}"
      },
      {
        "/v1/payments/transfers",
        "{\"from_tenant_id\":\""
            + nobody
            + "\",\"to_tenant_id\":\""
            + somebody
            + "\","
            + amount
            + "}"
      },
      {
        "/v1/payments/sponsor-budgets/"
            + Samples.id(io.naap.contracts.ids.IdKind.BUDGET)
            + "/funds",
        "{\"sponsor_tenant_id\":\"" + nobody + "\"," + amount + "}"
      },
    };
    for (String[] one : asked) {
      io.restassured.RestAssured.given()
          .auth()
          .oauth2(Samples.operator())
          .header("Idempotency-Key", Samples.id(io.naap.contracts.ids.IdKind.EVENT))
          .contentType("application/json")
          .body(one[1])
          .post(one[0])
          .then()
          .statusCode(404);
    }

    assertThat(Samples.balance(somebody)).startsWith("available 1.00,");
  }
}
