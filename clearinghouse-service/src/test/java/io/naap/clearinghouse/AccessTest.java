package io.naap.clearinghouse;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.Operations;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class AccessTest {
  private static final List<Operations.Operation> OPERATIONS =
      Operations.of(Path.of("openapi.yaml"));

  @Test
  void refusesAnonymousCallersEverywhere() {
    assertThat(OPERATIONS).isNotEmpty();
    for (Operations.Operation operation : OPERATIONS) {
      given()
          .contentType("application/json")
          .request(operation.method(), operation.at("x"))
          .then()
          .statusCode(401)
          .contentType("application/problem+json")
          .body("code", equalTo("unauthorized"));
    }
  }

  @Test
  void refusesForgedTokensEverywhere() {
    for (String forged : Tokens.forged(Samples.id(IdKind.TENANT))) {
      for (Operations.Operation operation : OPERATIONS) {
        given()
            .auth()
            .oauth2(forged)
            .contentType("application/json")
            .request(operation.method(), operation.at("x"))
            .then()
            .statusCode(401);
      }
    }
  }

  @Test
  void keepsPeopleOutOfInternalPathsAndServicesOutOfPublicOnes() {
    String operator = Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR, Role.OWNER, Role.SUPPORT);
    for (Operations.Operation operation : OPERATIONS) {
      boolean internal = operation.path().startsWith("/internal/");
      given()
          .auth()
          .oauth2(internal ? operator : Tokens.service("router"))
          .contentType("application/json")
          .body("{}")
          .request(operation.method(), operation.at("x"))
          .then()
          .statusCode(403)
          .body("code", equalTo("forbidden"));
    }
  }

  @Test
  void hidesOtherTenantsBalances() {
    String other = Samples.tenant();
    Samples.credit(other, "1");

    given()
        .auth()
        .oauth2(Tokens.of(Samples.tenant(), Role.OWNER))
        .get("/v1/balance?tenant_id=" + other)
        .then()
        .statusCode(404)
        .body("code", equalTo("not_found"));
    given()
        .auth()
        .oauth2(Samples.operator())
        .get("/v1/balance?tenant_id=" + other)
        .then()
        .statusCode(200)
        .body("available.amount", equalTo("1.00"));
  }

  @Test
  void onlyTheOperatorGivesCreditAndOnlyThePlatformSeesMargins() {
    String tenant = Samples.tenant();
    for (Role role : List.of(Role.OWNER, Role.ADMIN, Role.BILLING, Role.SUPPORT)) {
      given()
          .auth()
          .oauth2(Tokens.of(tenant, role))
          .header("Idempotency-Key", "k")
          .contentType("application/json")
          .body(Samples.creditBody(tenant, "1"))
          .post("/v1/payments/credits")
          .then()
          .statusCode(403);
    }
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.OWNER))
        .get("/v1/reconciliation")
        .then()
        .statusCode(403);
    assertThat(Samples.balance(tenant))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.00, balance 0.00");
  }
}
