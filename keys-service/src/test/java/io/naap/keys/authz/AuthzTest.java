package io.naap.keys.authz;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.identity.Role;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.keys.KeysApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class AuthzTest {
  @Inject Pool pool;

  private final KeysApi api = new KeysApi();

  @Test
  void saysWhoseKeyItIs() {
    Response made =
        api.create(
            """
            {"name":"a","tier":"fast lane","scopes":{"capabilities":["llm"],"models":["a/b c"]}}""");

    Response yes = with(made.path("key")).get("/v1/authz?capability=llm");

    assertThat(yes.statusCode()).as(yes.asString()).isEqualTo(200);
    assertThat(yes.header("X-Naap-Tenant")).isEqualTo(api.tenant());
    assertThat(yes.header("X-Naap-Key")).isEqualTo(made.path("id"));
    assertThat(yes.header("X-Naap-Tier")).isEqualTo("fast+lane");
    assertThat(yes.header("X-Naap-Scopes")).isEqualTo("capability:llm model:a%2Fb+c");
    assertThat(yes.header("Cache-Control")).isEqualTo("no-store");
    assertThat(yes.asString()).isEmpty();
    assertThat(with(made.path("key")).head("/v1/authz").statusCode()).isEqualTo(200);
    assertThat(given().header("x-api-key", made.<String>path("key")).get("/v1/authz").statusCode())
        .isEqualTo(200);
  }

  @Test
  void refusesAlikeWhatIsNoGoodKey() {
    Response made = api.create("{\"name\":\"a\"}");
    ApiKey real = ApiKey.parse(made.path("key")).orElseThrow();
    Response disabled = api.create("{\"name\":\"b\"}");
    api.patch(disabled.path("id"), "{\"enabled\":false}");
    ApiKey stranger = ApiKey.generate("live", new Random(5));

    for (String key :
        List.of(
            stranger.reveal(),
            new ApiKey("live", real.id(), stranger.secret()).reveal(),
            new ApiKey("test", real.id(), real.secret()).reveal(),
            disabled.<String>path("key"),
            "naap_live_x",
            Tokens.of(api.tenant(), Role.OWNER))) {
      Response no = with(key).get("/v1/authz");
      assertThat(no.statusCode()).as(key).isEqualTo(401);
      assertThat(no.<String>path("code")).isEqualTo("key_invalid");
      assertThat(no.header("Cache-Control")).isEqualTo("no-store");
      assertThat(no.header("WWW-Authenticate")).isEqualTo("Bearer");
      assertThat(no.header("X-Naap-Tenant")).isNull();
    }
    assertThat(given().get("/v1/authz").<String>path("code")).isEqualTo("key_missing");
    assertThat(given().auth().preemptive().basic("a", "b").get("/v1/authz").statusCode())
        .isEqualTo(401);
  }

  @Test
  void checksScopesFromQueryOrHeader() {
    String key =
        api.create("{\"name\":\"a\",\"scopes\":{\"capabilities\":[\"llm\"],\"models\":[\"m\"]}}")
            .path("key");

    assertThat(with(key).get("/v1/authz?capability=llm&model=m").statusCode()).isEqualTo(200);
    assertThat(with(key).get("/v1/authz?capability=audio-to-text").<String>path("code"))
        .isEqualTo("out_of_scope");
    assertThat(with(key).get("/v1/authz?model=other").statusCode()).isEqualTo(403);
    assertThat(with(key).header("X-Naap-Capability", "x").get("/v1/authz").statusCode())
        .isEqualTo(403);
    assertThat(with(key).header("X-Naap-Model", "other").get("/v1/authz").statusCode())
        .isEqualTo(403);
    // The gateway's query wins over a header that the client sent.
    assertThat(
            with(key)
                .header("X-Naap-Capability", "llm")
                .get("/v1/authz?capability=audio-to-text")
                .statusCode())
        .isEqualTo(403);
    assertThat(with(key).get("/v1/authz?model=" + "m".repeat(201)).statusCode()).isEqualTo(422);
  }

  @Test
  void checksAddressAndOrigin() {
    String near = api.create("{\"name\":\"a\",\"allowed_cidrs\":[\"203.0.113.0/24\"]}").path("key");
    String web =
        api.create("{\"name\":\"a\",\"allowed_origins\":[\"https://*.example.com\"]}").path("key");

    assertThat(with(near).get("/v1/authz").<String>path("code")).isEqualTo("address_not_allowed");
    assertThat(with(near).header("X-Forwarded-For", "203.0.113.7").get("/v1/authz").statusCode())
        .isEqualTo(200);
    assertThat(with(near).header("X-Real-IP", "203.0.113.7").get("/v1/authz").statusCode())
        .isEqualTo(200);
    // Entries that the client wrote before our proxy's entry are ignored.
    assertThat(
            with(near)
                .header("X-Forwarded-For", "203.0.113.7, 198.51.100.9")
                .get("/v1/authz")
                .statusCode())
        .isEqualTo(403);
    assertThat(with(web).get("/v1/authz").<String>path("code")).isEqualTo("origin_not_allowed");
    assertThat(with(web).header("Origin", "https://a.example.com").get("/v1/authz").statusCode())
        .isEqualTo(200);
    assertThat(with(web).header("Origin", "https://example.com").get("/v1/authz").statusCode())
        .isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
  void answersEnvoyWithTheClientsMethodAndPath(String method) {
    String key =
        api.create("{\"name\":\"a\",\"scopes\":{\"capabilities\":[\"llm\"],\"models\":[]}}")
            .path("key");

    String path = "/v1/authz/v1/chat/completions";
    assertThat(with(key).request(method, path).statusCode()).isEqualTo(200);
    assertThat(with(key).header("X-Naap-Capability", "x").request(method, path).statusCode())
        .isEqualTo(403);
    assertThat(given().request(method, path).statusCode()).isEqualTo(401);
  }

  @Test
  void forgetsAtOnceWhatThisInstanceChanges() {
    Response made = api.create("{\"name\":\"a\"}");
    String key = made.path("key");
    assertThat(with(key).get("/v1/authz").statusCode()).isEqualTo(200);

    api.patch(made.path("id"), "{\"enabled\":false}").then().statusCode(200);
    assertThat(with(key).get("/v1/authz").statusCode()).isEqualTo(401);
    api.patch(made.path("id"), "{\"enabled\":true}").then().statusCode(200);
    assertThat(with(key).get("/v1/authz").statusCode()).isEqualTo(200);
    api.as(Role.OWNER).delete("/v1/keys/" + made.path("id")).then().statusCode(204);
    assertThat(with(key).get("/v1/authz").statusCode()).isEqualTo(401);
  }

  @Test
  void followsAnotherInstancesChangeWithinASecond() throws Exception {
    Response made = api.create("{\"name\":\"a\"}");
    String key = made.path("key");
    assertThat(with(key).get("/v1/authz").statusCode()).isEqualTo(200);

    pool.preparedQuery("update api_keys set enabled = false where id = $1")
        .executeAndAwait(Tuple.of(made.<String>path("id")));

    assertThat(Eventually.within(1_050, () -> with(key).get("/v1/authz").statusCode() == 401))
        .isTrue();
  }

  private static RequestSpecification with(String key) {
    return given().header("Authorization", "Bearer " + key);
  }
}
