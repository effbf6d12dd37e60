package io.naap.keys.leak;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.Topics;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.keys.KeysApi;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(GitHub.class)
class LeakTest {
  @Inject Pool pool;
  @Inject RedisDataSource redis;

  private final KeysApi api = new KeysApi();

  @Test
  void verifiesTheExampleThatGitHubPublishes() {
    String body = "[{\"token\":\"some_token\",\"type\":\"some_type\",\"url\":\"some_url\"}]";

    Response answer =
        send(
            body,
            "90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a",
            "MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2nlj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc=");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.<List<String>>path("label")).containsExactly("false_positive");
  }

  @Test
  void revokesARealKeyAtOnceAndSaysWhichWereReal() throws Exception {
    Response made = api.create("{\"name\":\"leaked\"}");
    String key = made.path("key");
    String other = api.create("{\"name\":\"kept\"}").path("key");
    String wrong = ApiKey.generate("live", new Random(3)).reveal();
    String body =
        "[{\"token\":\"%s\",\"type\":\"naap_key\",\"url\":\"https://x/1\",\"source\":\"content\",\"new\":1},{\"token\":\"%s\",\"type\":\"naap_key\",\"url\":\"u\",\"source\":\"commit\"}]"
            .formatted(key, wrong);

    Response answer = send(body, GitHub.ID, GitHub.sign(body));
    Response again = send(body, GitHub.ID, GitHub.sign(body));

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.<List<String>>path("label"))
        .containsExactly("true_positive", "false_positive");
    assertThat(answer.<List<String>>path("token_hash"))
        .allMatch(hash -> hash.matches("[0-9a-f]{64}"));
    assertThat(answer.asString()).doesNotContain(key);
    assertThat(again.asString()).isEqualTo(answer.asString());
    assertThat(KeysApi.resolve(key).statusCode()).isEqualTo(404);
    assertThat(KeysApi.resolve(other).statusCode()).isEqualTo(200);
    assertThat(reason(made.path("id")))
        .isEqualTo("leaked: found by GitHub in content at https://x/1");
    Eventually.await("the change is published", () -> events(made.path("id")) == 1);
    api.get("/v1/keys/" + made.path("id")).then().statusCode(404);
  }

  @Test
  void revokesADisabledKeyToo() {
    Response made = api.create("{\"name\":\"leaked\"}");
    api.patch(made.path("id"), "{\"enabled\":false}").then().statusCode(200);
    String body = body(made.path("key"));

    assertThat(send(body, GitHub.ID, GitHub.sign(body)).<List<String>>path("label"))
        .containsExactly("true_positive");

    api.get("/v1/keys/" + made.path("id")).then().statusCode(404);
  }

  @Test
  void keepsAKeyWhoseEndedSecretWasFound() {
    Response made = api.create("{\"name\":\"leaked\"}");
    String fresh = api.rotate(made.path("id"), 0).path("key");
    String body = body(made.path("key"));

    assertThat(send(body, GitHub.ID, GitHub.sign(body)).<List<String>>path("label"))
        .containsExactly("true_positive");

    assertThat(KeysApi.resolve(fresh).statusCode()).isEqualTo(200);
  }

  @Test
  void changesNothingWithoutAGoodSignature() {
    String key = api.create("{\"name\":\"kept\"}").path("key");
    String body = body(key);
    String signature = GitHub.sign(body);

    assertThat(send(body + " ", GitHub.ID, signature).statusCode()).isEqualTo(401);
    assertThat(send(body, GitHub.ID, GitHub.signAsStranger(body)).statusCode()).isEqualTo(401);
    assertThat(send(body, "unknown", signature).statusCode()).isEqualTo(401);
    assertThat(send(body, "unknown-2", signature).statusCode()).isEqualTo(401);
    assertThat(send(body, GitHub.ID, "%%%").statusCode()).isEqualTo(401);
    assertThat(send(body, GitHub.WEAK_ID, GitHub.sign(body)).statusCode()).isEqualTo(401);
    assertThat(
            given()
                .contentType("application/json")
                .body(body)
                .post("/hooks/github/secret-scanning")
                .statusCode())
        .isEqualTo(401);
    assertThat(KeysApi.resolve(key).statusCode()).isEqualTo(200);
    // GitHub's keys are fetched at most once, for the first unknown key id.
    assertThat(GitHub.ASKED.get()).isLessThanOrEqualTo(1);
  }

  @Test
  void refusesSignedNonsense() {
    for (String body :
        List.of("{}", "[null]", "[{\"token\":1}]", "[{\"type\":\"x\"}]", "nonsense")) {
      assertThat(send(body, GitHub.ID, GitHub.sign(body)).statusCode()).as(body).isEqualTo(422);
    }
    String empty = "[]";
    assertThat(send(empty, GitHub.ID, GitHub.sign(empty)).asString()).isEqualTo("[]");
  }

  private static String body(String key) {
    return "[{\"token\":\"" + key + "\",\"type\":\"naap_key\",\"url\":\"u\",\"source\":\"s\"}]";
  }

  private static Response send(String body, String keyId, String signature) {
    return given()
        .header("Github-Public-Key-Identifier", keyId)
        .header("Github-Public-Key-Signature", signature)
        .contentType("application/json")
        .body(body.getBytes(StandardCharsets.UTF_8))
        .post("/hooks/github/secret-scanning");
  }

  private String reason(String id) {
    return pool.preparedQuery("select revoked_reason from api_keys where id = $1")
        .executeAndAwait(Tuple.of(id))
        .iterator()
        .next()
        .getString("revoked_reason");
  }

  private long events(String id) {
    return redis.stream(String.class).xrange(Topics.KEYS, StreamRange.of("-", "+")).stream()
        .filter(message -> message.payload().get(Topics.FIELD).contains(id))
        .count();
  }
}
