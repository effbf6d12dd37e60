package io.naap.clearinghouse.transfer;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.naap.clearinghouse.Samples;
import io.naap.contracts.identity.Role;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Members may move 50 dollars a day. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(AuthStandIn.class)
class TransferResourceTest {
  private final String from = Samples.tenant();
  private final String to = Samples.tenant();

  @Test
  void anOwnerMovesCreditToAnotherTenantOfTheirsOnce() {
    Samples.credit(from, "30");
    String owner = member(Role.OWNER, "active");

    Response first = move(owner, "k1", body(null, to, "12.5"));
    Response again = move(owner, "k1", body(null, to, "12.50"));

    assertThat(first.statusCode()).as(first.asString()).isEqualTo(201);
    assertThat(again.asString()).isEqualTo(first.asString());
    assertThat(first.jsonPath().getString("out.kind")).isEqualTo("member_transfer_out");
    assertThat(first.jsonPath().getString("in.tenant_id")).isEqualTo(to);
    assertThat(Samples.balance(from)).startsWith("available 17.50,");
    assertThat(Samples.balance(to)).startsWith("available 12.50,");
    move(owner, "k1", body(null, to, "13")).then().statusCode(422);
  }

  @Test
  void neitherAnotherTenantsMoneyMovesNorAnyToATenantOfOthers() {
    String other = Samples.tenant();
    Samples.credit(from, "30");
    Samples.credit(other, "30");
    String owner = member(Role.OWNER, "active");

    move(owner, "k1", body(other, to, "1")).then().statusCode(404);
    move(owner, "k2", body(from, other, "1"))
        .then()
        .statusCode(404)
        .body("code", equalTo("not_found"));
    move(owner, "k3", body(null, from, "1")).then().statusCode(422);
    for (Role role : List.of(Role.DEVELOPER, Role.VIEWER, Role.SUPPORT)) {
      move(member(role, "active"), "k4", body(null, to, "1")).then().statusCode(403);
    }

    assertThat(Samples.balance(from)).startsWith("available 30.00,");
    assertThat(Samples.balance(other)).startsWith("available 30.00,");
  }

  @Test
  void aSuspendedTenantAndOneNobodyCanTellOfGetNothing() {
    Samples.credit(from, "30");

    move(member(Role.ADMIN, "suspended"), "k1", body(null, to, "1"))
        .then()
        .statusCode(409)
        .body("code", equalTo("tenant_suspended"));
    move(member(Role.BILLING, "broken"), "k2", body(null, to, "1")).then().statusCode(503);

    assertThat(Samples.balance(to)).startsWith("available 0.00,");
  }

  @Test
  void notMoreThanThereIsNorThanADayAllowsHoweverManyAskAtOnce() throws Exception {
    Samples.credit(from, "200");
    String owner = member(Role.OWNER, "active");
    move(owner, "much", body(null, to, "201")).then().statusCode(429);

    List<Future<Integer>> statuses = new ArrayList<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < 12; at++) {
        String key = "k" + at;
        statuses.add(many.submit(() -> move(owner, key, body(null, to, "10")).statusCode()));
      }
    }

    List<Integer> answers = new ArrayList<>();
    for (Future<Integer> status : statuses) {
      answers.add(status.get());
    }
    assertThat(answers).containsOnly(201, 429);
    assertThat(answers.stream().filter(status -> status == 201)).hasSize(5);
    assertThat(Samples.balance(to)).startsWith("available 50.00,");
    // The operator is not bound by it, and not by whose the tenants are.
    move(Samples.operator(), "o1", body(from, to, "60")).then().statusCode(201);
    move(Samples.operator(), "o2", body(from, to, "100")).then().statusCode(402);
    assertThat(Samples.balance(from)).startsWith("available 90.00,");
  }

  /** The owner of the giving tenant's token, and what auth-service says of the other tenant. */
  private String member(Role role, String status) {
    String token = Tokens.of(from, role);
    AuthStandIn.STATUS.put("Bearer " + token + " " + to, status);
    return token;
  }

  private static String body(String from, String to, String dollars) {
    return """
        {%s"to_tenant_id":"%s","amount":{"amount":"%s","currency":"USD"},"reason":"a test"}"""
        .formatted(from == null ? "" : "\"from_tenant_id\":\"" + from + "\",", to, dollars);
  }

  private Response move(String token, String key, String body) {
    return given()
        .auth()
        .oauth2(token)
        .header("Idempotency-Key", key + from)
        .contentType("application/json")
        .body(body)
        .post("/v1/payments/transfers");
  }
}
