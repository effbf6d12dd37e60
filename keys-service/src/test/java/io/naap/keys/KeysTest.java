package io.naap.keys;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.testing.AccessMatrix;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.NativeRegistration;
import io.naap.contracts.testing.Operations;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class KeysTest {
  private static final Path OPENAPI = Path.of("openapi.yaml");

  @TestHTTPResource(value = "/openapi", management = true)
  String openapi;

  @Inject Pool pool;
  @Inject RedisDataSource redis;

  private final String tenant = newTenant();

  @Test
  void showsAKeyOnceAndKeepsNothingThatOpensIt() {
    Response made = create("{\"name\":\"first\",\"limits\":{\"requests_per_minute\":5}}");

    assertThat(made.statusCode()).as(made.asString()).isEqualTo(201);
    String key = made.path("key");
    assertThat(ApiKey.parse(key)).isPresent();
    Response shown = as(Role.VIEWER).get("/v1/keys/" + made.path("id"));
    assertThat(shown.statusCode()).isEqualTo(200);
    assertThat(shown.asString()).doesNotContain(key).doesNotContain("\"key\"");
    assertThat(shown.<Integer>path("limits.requests_per_minute")).isEqualTo(5);
    String row =
        pool.query(
                "select (select string_agg(k::text, ' ') from api_keys k) || (select string_agg(s::text, ' ') from key_secrets s) r")
            .executeAndAwait()
            .iterator()
            .next()
            .getString("r");
    assertThat(row).doesNotContain(ApiKey.parse(key).orElseThrow().secret());
  }

  @Test
  void tellsServicesWhoseKeyItIs() {
    String key =
        create(
                "{\"name\":\"mine\",\"tags\":[\"a\"],\"scopes\":{\"capabilities\":[\"llm\"]},"
                    + "\"limits\":{\"caps\":[{\"what\":\"generations\",\"window\":\"day\",\"limit\":3}]}}")
            .path("key");

    Response profile = resolve(key);

    assertThat(profile.statusCode()).as(profile.asString()).isEqualTo(200);
    assertThat(profile.<String>path("tenant_id")).isEqualTo(tenant);
    assertThat(profile.<List<String>>path("capabilities")).containsExactly("llm");
    assertThat(profile.<Integer>path("limits.caps[0].limit")).isEqualTo(3);
    assertThat(profile.asString()).doesNotContain(key);
  }

  @Test
  void refusesUnknownDisabledExpiredAndDeletedKeysAlike() {
    String unknown = ApiKey.generate("live", new Random(1)).reveal();
    Response disabled = create("{\"name\":\"d\"}");
    patch(disabled.path("id"), "{\"enabled\":false}").then().statusCode(200);
    Response expired = create("{\"name\":\"e\",\"expires_at\":\"2020-01-01T00:00:00Z\"}");
    Response deleted = create("{\"name\":\"x\"}");
    as(Role.OWNER).delete("/v1/keys/" + deleted.path("id")).then().statusCode(204);
    Response otherSecret = create("{\"name\":\"s\"}");
    ApiKey real = ApiKey.parse(otherSecret.path("key")).orElseThrow();
    String guessed =
        new ApiKey("live", real.id(), ApiKey.generate("live", new Random(3)).secret()).reveal();
    String otherMode = new ApiKey("test", real.id(), real.secret()).reveal();

    Set<String> bodies = new HashSet<>();
    for (String key :
        List.<String>of(
            unknown,
            disabled.path("key"),
            expired.path("key"),
            deleted.path("key"),
            guessed,
            otherMode,
            "naap_live_nonsense")) {
      Response answer = resolve(key);
      assertThat(answer.statusCode()).as(key).isEqualTo(404);
      bodies.add(answer.<String>path("code") + answer.<String>path("detail"));
    }

    assertThat(bodies).hasSize(1);
    assertThat(resolve(otherSecret.path("key")).statusCode()).isEqualTo(200);
  }

  @Test
  void announcesEveryChangeOnce() throws Exception {
    Response key = create("{\"name\":\"a\"}");
    patch(key.path("id"), "{\"limits\":{\"requests_per_minute\":1}}").then().statusCode(200);
    as(Role.OWNER).delete("/v1/keys/" + key.path("id")).then().statusCode(204);

    Eventually.await("both changes are published", () -> events(key.path("id")).size() >= 2);
    List<String> events = events(key.path("id"));
    assertThat(events).hasSize(2);
    assertThat(events.get(0)).contains("\"revision\":2");
    assertThat(events.get(1)).contains("\"revision\":3");
  }

  private List<String> events(String keyId) {
    return redis.stream(String.class).xrange(Topics.KEYS, StreamRange.of("-", "+")).stream()
        .map(message -> message.payload().get(Topics.FIELD))
        .filter(event -> event.contains(keyId))
        .toList();
  }

  @Test
  void changesOnlyWhatIsNamed() {
    Response key = create("{\"name\":\"before\",\"tags\":[\"t\"]}");

    Response changed = patch(key.path("id"), "{\"name\":\"after\"}");

    assertThat(changed.<String>path("name")).isEqualTo("after");
    assertThat(changed.<List<String>>path("tags")).containsExactly("t");
    assertThat(changed.<Integer>path("revision")).isEqualTo(2);
  }

  @Test
  void pagesNewestFirstWithoutGapsOrRepeats() {
    Set<String> made = new HashSet<>();
    for (int i = 0; i < 7; i++) {
      made.add(create("{\"name\":\"k" + i + "\"}").path("id"));
    }

    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      Response page = as(Role.VIEWER).get("/v1/keys?limit=3" + cursor);
      assertThat(page.statusCode()).isEqualTo(200);
      seen.addAll(page.<List<String>>path("data.id"));
      cursor = page.path("next_cursor") == null ? "" : "&cursor=" + page.path("next_cursor");
    } while (!cursor.isEmpty());

    assertThat(seen).hasSize(7).containsExactlyInAnyOrderElementsOf(made);
    assertThat(seen).isSortedAccordingTo(java.util.Comparator.reverseOrder());
  }

  @Test
  void givesTheFirstAnswerAgainForTheSameIdempotencyKey() throws Exception {
    String body = "{\"name\":\"once\"}";
    int copies = 8;
    Set<String> keys = new HashSet<>();
    int inFlight = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(copies)) {
      List<Callable<Response>> all = new ArrayList<>();
      for (int i = 0; i < copies; i++) {
        all.add(() -> as(Role.OWNER).header("Idempotency-Key", "i-1").body(body).post("/v1/keys"));
      }
      for (Future<Response> answer : threads.invokeAll(all)) {
        if (answer.get().statusCode() == 409) {
          inFlight++;
        } else {
          assertThat(answer.get().statusCode()).as(answer.get().asString()).isEqualTo(201);
          keys.add(answer.get().path("key"));
        }
      }
    }

    assertThat(keys).hasSize(1);
    assertThat(inFlight).isLessThan(copies);
    Response again = as(Role.OWNER).header("Idempotency-Key", "i-1").body(body).post("/v1/keys");
    assertThat(again.<String>path("key")).isEqualTo(keys.iterator().next());
    Response other =
        as(Role.OWNER).header("Idempotency-Key", "i-1").body("{\"name\":\"b\"}").post("/v1/keys");
    assertThat(other.statusCode()).isEqualTo(422);
    assertThat(other.<String>path("code")).isEqualTo("idempotency_key_reused");
    assertThat(count()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"name\":\"\"}",
        "{\"name\":\"a\",\"unknown\":1}",
        "{\"name\":\"a\",\"mode\":\"prod\"}",
        "{\"name\":\"a\",\"limits\":{\"requests_per_minute\":-1}}",
        "{\"name\":\"a\",\"limits\":{\"requests_per_minute\":1.5}}",
        "{\"name\":\"a\",\"limits\":{\"requests_per_minute\":\"5\"}}",
        "{\"name\":\"a\",\"limits\":{\"requests_per_minute\":99999999999999999999}}",
        "{\"name\":\"a\",\"limits\":{\"caps\":[{\"what\":\"bananas\",\"window\":\"day\",\"limit\":1}]}}",
        "{\"name\":\"a\",\"limits\":{\"caps\":[{\"what\":\"pixels\",\"window\":\"year\",\"limit\":1}]}}",
        "{\"name\":\"a\",\"limits\":{\"caps\":[{\"what\":\"pixels\",\"window\":\"day\",\"limit\":1},{\"what\":\"pixels\",\"window\":\"day\",\"limit\":2}]}}",
        "{\"name\":\"a\",\"allowed_cidrs\":[\"example.com\"]}",
        "{\"name\":\"a\",\"allowed_cidrs\":[\"10.0.0.0/33\"]}",
        "{\"name\":\"a\",\"expires_at\":\"tomorrow\"}",
        "{\"name\":\"a\",\"allowed_origins\":[\"example.com\"]}",
        "{\"name\":\"a\",\"limits\":{\"units_per_minute\":[{\"unit\":\"pixels\",\"limit\":-1}]}}",
        "[]"
      })
  void refusesBadInputAndStoresNothing(String body) {
    Response answer = create(body);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(answer.contentType()).startsWith("application/problem+json");
    assertThat(answer.<String>path("detail")).isNotEmpty();
    assertThat(count()).isZero();
  }

  @Test
  void refusesBrokenAndOversizedBodies() {
    assertThat(create("{\"name\":").statusCode()).isEqualTo(400);
    assertThat(create("").statusCode()).isEqualTo(400);
    assertThat(create("{\"name\":\"" + "a".repeat(2_000_000) + "\"}").statusCode()).isEqualTo(413);
    assertThat(
            given()
                .auth()
                .oauth2(Tokens.of(tenant, Role.OWNER))
                .contentType(ContentType.TEXT)
                .body("a")
                .post("/v1/keys")
                .statusCode())
        .isEqualTo(415);
    assertThat(count()).isZero();
  }

  @Test
  void hidesOtherTenantsKeys() {
    String id = create("{\"name\":\"mine\"}").path("id");
    RequestSpecification stranger =
        given().auth().oauth2(Tokens.of(newTenant(), Role.OWNER)).contentType(ContentType.JSON);

    stranger.get("/v1/keys/" + id).then().statusCode(404);
    stranger.body("{\"name\":\"x\"}").patch("/v1/keys/" + id).then().statusCode(404);
    stranger.delete("/v1/keys/" + id).then().statusCode(404);
    assertThat(stranger.get("/v1/keys").<List<String>>path("data.id")).isEmpty();
    assertThat(as(Role.VIEWER).get("/v1/keys/" + id).<Integer>path("revision")).isEqualTo(1);
  }

  @Test
  void letsViewersAndBillingReadOnly() {
    for (Role role : List.of(Role.VIEWER, Role.BILLING)) {
      as(role).body("{\"name\":\"a\"}").post("/v1/keys").then().statusCode(403);
      as(role).get("/v1/keys").then().statusCode(200);
    }
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.OPERATOR, Role.OWNER))
        .contentType(ContentType.JSON)
        .body(Map.of("key", "x"))
        .post("/internal/keys/resolve")
        .then()
        .statusCode(403);
    assertThat(count()).isZero();
  }

  @Test
  void letsInWhomTheTableNamesAndNobodyElse() throws Exception {
    String id = create("{\"name\":\"another tenant's\"}").path("id");

    AccessMatrix matrix =
        AccessMatrix.of(URI.create("http://localhost:" + RestAssured.port), "keys")
            .foreign("/v1/keys/{id}", "/v1/keys/" + id, "{\"name\":\"mine\"}")
            .foreign("/v1/keys/{id}/effective", "/v1/keys/" + id + "/effective", "")
            .foreign(
                "/v1/keys/{id}/rotate", "/v1/keys/" + id + "/rotate", "{\"overlap_seconds\":0}");

    assertThat(matrix.violations(Tokens::refuse)).isEmpty();
    assertThat(as(Role.VIEWER).get("/v1/keys/" + id).<String>path("name"))
        .isEqualTo("another tenant's");
  }

  @Test
  void servesTheApiThatIsCommitted() {
    assertThat(Operations.difference(OPENAPI, given().get(openapi).asString())).isEmpty();
  }

  @Test
  void registersWhatANativeExecutableNeeds() {
    assertThat(NativeRegistration.missing(Path.of("target/classes"))).isEmpty();
  }

  private Response create(String body) {
    return as(Role.DEVELOPER).body(body).post("/v1/keys");
  }

  private Response patch(String id, String body) {
    return as(Role.ADMIN).body(body).patch("/v1/keys/" + id);
  }

  private static Response resolve(String key) {
    return given()
        .auth()
        .oauth2(Tokens.service("router"))
        .contentType(ContentType.JSON)
        .body(Map.of("key", key))
        .post("/internal/keys/resolve");
  }

  private RequestSpecification as(Role role) {
    return given().auth().oauth2(Tokens.of(tenant, role)).contentType(ContentType.JSON);
  }

  private long count() {
    return pool.preparedQuery(
            "select count(*) n from api_keys where tenant_id = $1 and deleted_at is null")
        .execute(io.vertx.mutiny.sqlclient.Tuple.of(tenant))
        .await()
        .atMost(Duration.ofSeconds(5))
        .iterator()
        .next()
        .getLong("n");
  }

  private static String newTenant() {
    return new KeysApi().tenant();
  }
}
