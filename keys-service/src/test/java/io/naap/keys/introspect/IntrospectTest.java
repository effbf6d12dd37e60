package io.naap.keys.introspect;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.identity.Role;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.keys.KeysApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class IntrospectTest {
  private final KeysApi api = new KeysApi();

  @Test
  void tellsATenantOfItsOwnKeysOnly() {
    Response made =
        api.create(
            """
            {"name":"mine","expires_at":"2050-01-01T00:00:00Z",
             "scopes":{"capabilities":["llm"],"models":[]}}""");
    String key = made.path("key");

    Response own = introspect(Tokens.of(api.tenant(), Role.VIEWER), key);
    Response foreign = introspect(Tokens.of(new KeysApi().tenant(), Role.OWNER), key);
    Response service = introspect(Tokens.service("router"), key);

    assertThat(own.<Boolean>path("active")).isTrue();
    assertThat(own.<String>path("client_id")).isEqualTo(made.path("id"));
    assertThat(own.<String>path("scope")).isEqualTo("capability:llm");
    assertThat(own.<Number>path("exp").longValue())
        .isEqualTo(Instant.parse("2050-01-01T00:00:00Z").getEpochSecond());
    assertThat(own.header("Cache-Control")).isEqualTo("no-store");
    assertThat(own.asString()).doesNotContain(key);
    assertThat(foreign.<Map<String, Object>>path("$")).isEqualTo(Map.of("active", false));
    assertThat(service.<String>path("sub")).isEqualTo(api.tenant());
  }

  @Test
  void saysNothingOfKeysThatAreNotActive() {
    Response made = api.create("{\"name\":\"mine\"}");
    api.patch(made.path("id"), "{\"enabled\":false}");

    for (String token : new String[] {made.path("key"), "naap_live_x", "anything"}) {
      assertThat(
              introspect(Tokens.of(api.tenant(), Role.OWNER), token).<Map<String, Object>>path("$"))
          .isEqualTo(Map.of("active", false));
    }
    Response none =
        given()
            .auth()
            .oauth2(Tokens.of(api.tenant(), Role.OWNER))
            .contentType(ContentType.URLENC)
            .post("/v1/keys/introspect");
    assertThat(none.statusCode()).isEqualTo(422);
    assertThat(
            given()
                .contentType(ContentType.URLENC)
                .formParam("token", "x")
                .post("/v1/keys/introspect")
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void isNoUseOfTheKey() throws Exception {
    Response made = api.create("{\"name\":\"mine\"}");
    Response used = api.create("{\"name\":\"used\"}");

    introspect(Tokens.service("router"), made.path("key")).then().statusCode(200);
    KeysApi.resolve(used.path("key")).then().statusCode(200);

    Eventually.await(
        "the later use of another key is stored",
        () -> api.get("/v1/keys/" + used.path("id")).path("last_used_at") != null);
    assertThat(api.get("/v1/keys/" + made.path("id")).<Object>path("last_used_at")).isNull();
  }

  private static Response introspect(String token, String key) {
    return given()
        .auth()
        .oauth2(token)
        .contentType(ContentType.URLENC)
        .formParam("token", key)
        .post("/v1/keys/introspect");
  }
}
