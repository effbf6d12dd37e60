package io.naap.metering;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class AccessTest {
  @Test
  void hidesOtherTenantsUsage() {
    String token = Tokens.of(Samples.id(IdKind.TENANT), Role.OWNER);
    String other = Samples.id(IdKind.TENANT);

    for (String path : List.of("/v1/usage", "/v1/usage/events")) {
      given()
          .auth()
          .oauth2(token)
          .get(path + "?tenant_id=" + other)
          .then()
          .statusCode(404)
          .body("code", equalTo("not_found"));
      given()
          .auth()
          .oauth2(Tokens.of(Samples.id(IdKind.TENANT), Role.SUPPORT))
          .get(path + "?tenant_id=" + other)
          .then()
          .statusCode(200);
    }
  }

  @Test
  void refusesQuestionsThatMakeNoSense() {
    String token = Tokens.of(Samples.id(IdKind.TENANT), Role.OWNER);
    for (String query :
        List.of(
            "/v1/usage?group_by=cost",
            "/v1/usage?group_by=capability;drop",
            "/v1/usage?granularity=week",
            "/v1/usage?from=yesterday",
            "/v1/usage?from=2026-02-02&to=2026-02-01",
            "/v1/usage?limit=0",
            "/v1/usage?limit=101",
            "/v1/usage?cursor=x",
            "/v1/usage/events?cursor=x",
            "/v1/usage/events?cursor=2026_x")) {
      given()
          .auth()
          .oauth2(token)
          .get(query)
          .then()
          .statusCode(422)
          .contentType("application/problem+json")
          .body("code", equalTo("invalid"));
    }
    given().auth().oauth2(token).get("/v1/usage?limit=1.5").then().statusCode(404);
  }
}
