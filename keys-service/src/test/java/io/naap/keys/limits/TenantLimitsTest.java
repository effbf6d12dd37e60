package io.naap.keys.limits;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.keys.KeysApi;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class TenantLimitsTest {
  @Inject RedisDataSource redis;

  private final KeysApi api = new KeysApi();
  private final KeysApi platform = new KeysApi();

  @Test
  void keepsTheOwnersLimitsBelowTheOperators() {
    Response ceiling =
        operator(
            """
            {"limits":{"requests_per_minute":100,"units_per_minute":[{"unit":"pixels","limit":50}],
              "caps":[{"what":"nano_usd","window":"month","limit":1000}]},"keys_max":2}""");
    assertThat(ceiling.statusCode()).as(ceiling.asString()).isEqualTo(200);

    for (String above :
        List.of(
            "{\"limits\":{\"requests_per_minute\":101}}",
            "{\"limits\":{\"units_per_minute\":[{\"unit\":\"pixels\",\"limit\":51}]}}",
            "{\"limits\":{\"caps\":[{\"what\":\"nano_usd\",\"window\":\"month\",\"limit\":1001}]}}",
            "{\"keys_max\":3}")) {
      assertThat(owner(above).<String>path("code")).as(above).isEqualTo("above_ceiling");
    }
    Response own = owner("{\"limits\":{\"requests_per_minute\":10,\"requests_per_day\":500}}");

    assertThat(own.statusCode()).as(own.asString()).isEqualTo(200);
    Response shown = api.get("/v1/keys/limits");
    assertThat(shown.<Integer>path("effective.limits.requests_per_minute")).isEqualTo(10);
    assertThat(shown.<Integer>path("effective.limits.requests_per_day")).isEqualTo(500);
    assertThat(shown.<Integer>path("effective.limits.caps[0].limit")).isEqualTo(1000);
    assertThat(shown.<Integer>path("operator.limits.requests_per_minute")).isEqualTo(100);
    assertThat(shown.<Integer>path("effective.keys_max")).isEqualTo(2);
  }

  @Test
  void tellsRoutersTheSmallerOfBothLayers() {
    String key = api.create("{\"name\":\"a\",\"limits\":{\"requests_per_minute\":7}}").path("key");
    operator("{\"limits\":{\"requests_per_minute\":100,\"requests_per_day\":50}}");
    owner("{\"limits\":{\"requests_per_minute\":60}}");

    Response profile = KeysApi.resolve(key);

    assertThat(profile.<Integer>path("limits.requests_per_minute")).isEqualTo(7);
    assertThat(profile.<Integer>path("tenant_limits.requests_per_minute")).isEqualTo(60);
    assertThat(profile.<Integer>path("tenant_limits.requests_per_day")).isEqualTo(50);
  }

  @Test
  void saysWhichLimitHoldsAndWhose() {
    String id =
        api.create(
                """
                {"name":"a","limits":{"requests_per_minute":70,"concurrent_requests":3,
                  "caps":[{"what":"nano_usd","window":"month","limit":5}]}}""")
            .path("id");
    owner(
        """
        {"limits":{"requests_per_minute":60,"requests_per_day":9,
          "caps":[{"what":"nano_usd","window":"month","limit":6}]}}""");

    Response shown = api.get("/v1/keys/" + id + "/effective");

    assertThat(shown.<List<Map<String, Object>>>path("limits"))
        .containsExactly(
            Map.of("name", "concurrent", "limit", 3, "source", "key"),
            Map.of("name", "month-usd", "limit", 5, "source", "key"),
            Map.of("name", "rpd", "limit", 9, "source", "tenant"),
            Map.of("name", "rpm", "limit", 60, "source", "tenant"));
    assertThat(shown.<List<String>>path("applies_elsewhere")).containsExactly("plan");
    new KeysApi().get("/v1/keys/" + id + "/effective").then().statusCode(404);
  }

  @Test
  void refusesMoreKeysThanAllowedHoweverManyAreMadeAtOnce() {
    operator("{\"keys_max\":3}");

    long made =
        java.util.stream.IntStream.range(0, 8)
            .parallel()
            .filter(i -> api.create("{\"name\":\"k\"}").statusCode() == 201)
            .count();

    assertThat(made).isEqualTo(3);
    List<String> ids = api.get("/v1/keys").path("data.id");
    assertThat(ids).hasSize(3);
    api.as(Role.OWNER).delete("/v1/keys/" + ids.get(0)).then().statusCode(204);
    api.create("{\"name\":\"k\"}").then().statusCode(201);
    api.create("{\"name\":\"k\"}").then().statusCode(409);
    assertThat(api.get("/v1/keys/limits").<Integer>path("keys")).isEqualTo(3);
  }

  @Test
  void announcesAChangeForEveryKeyOfTheTenant() throws Exception {
    owner("{\"limits\":{\"requests_per_minute\":60}}").then().statusCode(200);

    Eventually.await("the change is published", () -> !changes().isEmpty());
    assertThat(changes()).hasSize(1);
    assertThat(changes().get(0).keyId()).isEmpty();
  }

  private List<KeyChanged> changes() {
    return redis.stream(String.class).xrange(Topics.KEYS, StreamRange.of("-", "+")).stream()
        .map(message -> Json.read(message.payload().get(Topics.FIELD), KeyChanged.class))
        .filter(event -> event.tenantId().equals(api.tenant()))
        .toList();
  }

  @Test
  void letsOnlyOwnerAndOperatorSetLimits() {
    String path = "/v1/keys/limits";
    for (Role role : List.of(Role.ADMIN, Role.DEVELOPER, Role.BILLING, Role.VIEWER)) {
      api.as(role).body("{}").put(path).then().statusCode(403);
      api.as(role).get(path).then().statusCode(200);
    }
    platform.as(Role.SUPPORT).body("{}").put(path).then().statusCode(403);
    api.as(Role.OWNER).body("{}").put(path + "?tenant_id=" + api.tenant()).then().statusCode(403);
    new KeysApi().as(Role.OWNER).get(path + "?tenant_id=" + api.tenant()).then().statusCode(404);
    platform.as(Role.SUPPORT).get(path + "?tenant_id=" + api.tenant()).then().statusCode(200);
    platform.as(Role.OPERATOR).get(path + "?tenant_id=nobody").then().statusCode(404);
    platform.as(Role.OPERATOR).body("{}").put(path).then().statusCode(422);
    api.as(Role.OWNER).body("{\"keys_max\":-1}").put(path).then().statusCode(422);
    api.as(Role.OWNER).body("").put(path).then().statusCode(400);
    given()
        .auth()
        .oauth2(Tokens.service("router"))
        .contentType(ContentType.JSON)
        .body("{}")
        .put(path)
        .then()
        .statusCode(403);
    assertThat(api.get(path).<Integer>path("revision")).isZero();
  }

  private Response operator(String body) {
    return platform.as(Role.OPERATOR).body(body).put("/v1/keys/limits?tenant_id=" + api.tenant());
  }

  private Response owner(String body) {
    return api.as(Role.OWNER).body(body).put("/v1/keys/limits");
  }
}
