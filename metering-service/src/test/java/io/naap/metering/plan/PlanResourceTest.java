package io.naap.metering.plan;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Samples;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class PlanResourceTest {
  private static final List<String> CAPABILITIES =
      List.of(
          "text-to-image",
          "image-to-image",
          "image-to-video",
          "upscale",
          "audio-to-text",
          "llm",
          "segment-anything-2",
          "image-to-text",
          "text-to-speech",
          "live-video-to-video",
          "transcoding",
          "byoc");

  @Inject PlanVersions plans;

  @Test
  void theFirstPlanHasAPriceAboveNothingForEveryCapability() {
    Plan plan = plans.version(Samples.PLAN + "@1").orElseThrow();
    Units all = Units.NONE;
    for (Unit unit : Unit.values()) {
      all = all.with(unit, 1_000_000);
    }

    for (String capability : CAPABILITIES) {
      Rated rated = Rating.rate(plan, capability, "any", all);
      assertThat(rated).as(capability).isInstanceOf(Rated.Priced.class);
      assertThat(((Rated.Priced) rated).total()).as(capability).isGreaterThan(NanoUsd.ZERO);
    }
  }

  @Test
  void showsPlansToAnySignedInCaller() {
    String token = Tokens.of(Samples.id(IdKind.TENANT), Role.VIEWER);

    given()
        .auth()
        .oauth2(token)
        .get("/v1/plans")
        .then()
        .statusCode(200)
        .body("data.id", hasItem(Samples.PLAN))
        .body("next_cursor", equalTo(null));
    given()
        .auth()
        .oauth2(token)
        .get("/v1/plans/" + Samples.PLAN)
        .then()
        .statusCode(200)
        .body("name", equalTo("Pay as you go"))
        .body("version", equalTo(1))
        .body("prepaid", equalTo(true))
        .body("charges[0].model", equalTo("per_request"));
    given().auth().oauth2(token).get("/v1/plans/pln_x").then().statusCode(404);
  }

  @Test
  void aTenantWithoutAPlanOfItsOwnIsOnTheDefault() {
    String tenant = Samples.id(IdKind.TENANT);

    given()
        .auth()
        .oauth2(Tokens.service("router"))
        .get("/internal/tenants/" + tenant + "/plan")
        .then()
        .statusCode(200)
        .body("tenant_id", equalTo(tenant))
        .body("prepaid", equalTo(true))
        .body("tier", equalTo("standard"))
        .body("plan.id", equalTo(Samples.PLAN));
  }

  @Test
  void aPlanListsTheTiersThatKeysMayNameAndAnOperatorGrantsOneMore() {
    String operator = Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR);
    String tenant = Samples.id(IdKind.TENANT);
    String charge = "\"charges\":[{\"model\":\"per_request\",\"price\":1}]";
    String plan =
        post(
                operator,
                "/v1/plans",
                Samples.id(IdKind.EVENT),
                "{\"name\":\"Tiers\",\"tier\":\"standard\",\"tiers\":[\"fast\"]," + charge + "}",
                201)
            .body("tiers", equalTo(List.of("standard", "fast")))
            .extract()
            .path("id");
    put(operator, "/v1/plans/tenants/" + tenant, "{\"plan_id\":\"" + plan + "\"}", 200);
    String ofTenant = "/v1/plans/tenants/" + tenant;

    tiersOf(tenant).body("tiers", equalTo(List.of("standard", "fast")));
    put(operator, ofTenant + "/override", "{\"tiers\":[\"premium\"]}", 200);
    tiersOf(tenant).body("tiers", equalTo(List.of("standard", "fast", "premium")));
    post(
        operator,
        "/v1/plans/" + plan + "/versions",
        Samples.id(IdKind.EVENT),
        "{\"name\":\"Tiers\"," + charge + "}",
        201);

    tiersOf(tenant).body("tiers", equalTo(List.of("standard", "premium")));
    put(operator, ofTenant + "/override", "{\"tiers\":[\"Not A Tier\"]}", 422);
  }

  private static io.restassured.response.ValidatableResponse tiersOf(String tenant) {
    return given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/plans/tenants/" + tenant)
        .then()
        .statusCode(200);
  }

  @Test
  void anOverrideIsAPlanOfTheTenantsOwnAndVersionsAreOnlyAdded() {
    String operator = Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR);
    String tenant = Samples.id(IdKind.TENANT);
    String key = Samples.id(IdKind.EVENT);
    String body =
        "{\"name\":\"Base\",\"charges\":[{\"model\":\"per_request\",\"filter\":{\"capability\":\"llm\"},\"price\":1}]}";
    String plan = post(operator, "/v1/plans", key, body, 201).extract().path("id");
    post(operator, "/v1/plans", key, body, 201).body("id", equalTo(plan));
    post(operator, "/v1/plans", key, body.replace("Base", "Other"), 422);
    put(operator, "/v1/plans/tenants/" + tenant, "{\"plan_id\":\"" + plan + "\"}", 200);
    String own =
        put(
                operator,
                "/v1/plans/tenants/" + tenant + "/override",
                "{\"charges\":[{\"model\":\"per_request\",\"filter\":{\"capability\":\"llm\"},\"price\":0.5}]}",
                200)
            .body("base_id", equalTo(plan))
            .extract()
            .path("id");

    post(
            operator,
            "/v1/plans/" + plan + "/versions",
            Samples.id(IdKind.EVENT),
            body.replace("\"price\":1", "\"price\":3")
                .replace("]}", ",{\"model\":\"per_minute\",\"price\":2}]}"),
            201)
        .body("version", equalTo(2));

    given()
        .auth()
        .oauth2(Tokens.service("router"))
        .get("/internal/tenants/" + tenant + "/plan")
        .then()
        .body("plan.id", equalTo(own))
        .body("plan.version", equalTo(2))
        .body("plan.charges.price", equalTo(List.of(0.5f, 2)));
    given()
        .auth()
        .oauth2(Tokens.of(Samples.id(IdKind.TENANT), Role.OWNER))
        .get("/v1/plans/" + own)
        .then()
        .statusCode(404);
  }

  private static ValidatableResponse post(
      String token, String path, String key, String body, int status) {
    return given()
        .auth()
        .oauth2(token)
        .contentType("application/json")
        .header("Idempotency-Key", key)
        .body(body)
        .post(path)
        .then()
        .statusCode(status);
  }

  private static ValidatableResponse put(String token, String path, String body, int status) {
    return given()
        .auth()
        .oauth2(token)
        .contentType("application/json")
        .body(body)
        .put(path)
        .then()
        .statusCode(status);
  }
}
