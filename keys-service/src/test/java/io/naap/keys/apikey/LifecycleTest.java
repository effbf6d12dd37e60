package io.naap.keys.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.identity.Role;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.keys.KeysApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
class LifecycleTest {
  @Inject Pool pool;

  private final KeysApi api = new KeysApi();

  @Test
  void oneCallDeletesEveryKeyThatSomebodyMade() {
    String maker = "usr_01kaq3v7g8e2nb0p4m6r9t1x5z";
    String id = api.create("{\"name\":\"a\"}").path("id");
    api.create("{\"name\":\"b\"}");
    KeysApi others = new KeysApi();
    others.create("{\"name\":\"c\"}");
    assertThat(api.get("/v1/keys?created_by=" + maker).<List<String>>path("data.id"))
        .hasSize(2)
        .contains(id);
    assertThat(api.get("/v1/keys?created_by=usr_other").<List<String>>path("data")).isEmpty();

    Response revoked =
        api.as(Role.OWNER).body("{\"created_by\":\"" + maker + "\"}").post("/v1/keys/revoke");

    assertThat(revoked.statusCode()).as(revoked.asString()).isEqualTo(200);
    assertThat(revoked.<Integer>path("revoked")).isEqualTo(2);
    assertThat(api.get("/v1/keys").<List<String>>path("data")).isEmpty();
    assertThat(KeysApi.profile(id).statusCode()).isEqualTo(404);
    assertThat(others.get("/v1/keys").<List<String>>path("data")).hasSize(1);
    assertThat(
            api.as(Role.DEVELOPER)
                .body("{\"created_by\":\"" + maker + "\"}")
                .post("/v1/keys/revoke")
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void tellsAbsentFromNullInAChange() {
    String id =
        api.create(
                """
                {"name":"full","tags":["a"],"tier":"fast","allowed_cidrs":["10.0.0.0/8"],
                 "allowed_origins":["https://a.example.com"],"expires_at":"2050-01-01T00:00:00Z",
                 "scopes":{"capabilities":["llm"],"models":["m"]},
                 "limits":{"requests_per_minute":5,"requests_per_day":7,
                   "units_per_minute":[{"unit":"pixels","limit":9}]}}""")
            .path("id");

    Response kept = api.patch(id, "{\"name\":\"other\"}");
    Response inner =
        api.patch(id, "{\"limits\":{\"requests_per_minute\":null},\"scopes\":{\"models\":null}}");
    Response cleared =
        api.patch(
            id,
            """
            {"tags":null,"tier":null,"allowed_cidrs":null,"allowed_origins":null,"expires_at":null,
             "scopes":null,"limits":null,"enabled":null}""");

    assertThat(kept.<String>path("tier")).isEqualTo("fast");
    assertThat(kept.<String>path("allowed_origins[0]")).isEqualTo("https://a.example.com");
    assertThat(kept.<Integer>path("limits.units_per_minute[0].limit")).isEqualTo(9);
    assertThat(inner.<Object>path("limits.requests_per_minute")).isNull();
    assertThat(inner.<Integer>path("limits.requests_per_day")).isEqualTo(7);
    assertThat(inner.<List<String>>path("scopes.capabilities")).containsExactly("llm");
    assertThat(inner.<List<String>>path("scopes.models")).isEmpty();
    assertThat(cleared.statusCode()).as(cleared.asString()).isEqualTo(200);
    assertThat(cleared.<List<String>>path("tags")).isEmpty();
    assertThat(cleared.<Object>path("tier")).isNull();
    assertThat(cleared.<Object>path("expires_at")).isNull();
    assertThat(cleared.<List<String>>path("allowed_origins")).isEmpty();
    assertThat(cleared.<Object>path("limits.requests_per_day")).isNull();
    assertThat(cleared.<String>path("status")).isEqualTo("active");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":null}",
        "{\"unknown\":1}",
        "{\"enabled\":\"yes\"}",
        "{\"limits\":{\"caps\":{}}}",
        "{\"limits\":[]}",
        "{\"limits\":{\"units_per_minute\":[{\"unit\":\"bananas\",\"limit\":1}]}}",
        "{\"allowed_origins\":[\"*\"]}",
        "{\"allowed_origins\":[\"https://a.example.com/path\"]}",
        "{\"allowed_origins\":[\"http://*.example.com\"]}",
        "{\"allowed_origins\":[\"https://*.com\"]}",
        "{\"expires_at\":\"soon\"}"
      })
  void refusesABadChangeAndChangesNothing(String body) {
    String id = api.create("{\"name\":\"a\"}").path("id");

    Response answer = api.patch(id, body);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(answer.<String>path("detail")).isNotEmpty();
    assertThat(api.get("/v1/keys/" + id).<Integer>path("revision")).isEqualTo(1);
  }

  @Test
  void refusesAChangeOfAnotherRevisionThanTheCallerSaw() {
    String id = api.create("{\"name\":\"a\"}").path("id");
    String tag = api.get("/v1/keys/" + id).header("ETag");
    api.patch(id, "{\"name\":\"b\"}").then().statusCode(200);

    Response stale =
        api.as(Role.ADMIN).header("If-Match", tag).body("{\"name\":\"c\"}").patch("/v1/keys/" + id);
    Response fresh =
        api.as(Role.ADMIN)
            .header("If-Match", "\"2\"")
            .body("{\"name\":\"c\"}")
            .patch("/v1/keys/" + id);

    assertThat(tag).isEqualTo("\"1\"");
    assertThat(stale.statusCode()).isEqualTo(409);
    assertThat(stale.<String>path("code")).isEqualTo("stale_revision");
    assertThat(fresh.statusCode()).isEqualTo(200);
    assertThat(fresh.header("ETag")).isEqualTo("\"3\"");
    api.as(Role.ADMIN)
        .header("If-Match", "3")
        .body("{\"name\":\"c\"}")
        .patch("/v1/keys/" + id)
        .then()
        .statusCode(422);
  }

  @Test
  void hidesADeletedKeyButKeepsItsTombstone() {
    String id = api.create("{\"name\":\"gone\",\"tags\":[\"t\"]}").path("id");
    api.as(Role.OWNER).delete("/v1/keys/" + id).then().statusCode(204);

    api.get("/v1/keys/" + id).then().statusCode(404);
    api.patch(id, "{\"name\":\"x\"}").then().statusCode(404);
    api.rotate(id, 0).then().statusCode(404);
    api.as(Role.OWNER).delete("/v1/keys/" + id).then().statusCode(404);
    for (String query : List.of("", "?tag=t", "?q=gone", "?q=" + id)) {
      assertThat(api.get("/v1/keys" + query).<List<Object>>path("data")).as(query).isEmpty();
    }
    assertThat(
            pool.preparedQuery("select deleted_at from api_keys where id = $1")
                .execute(Tuple.of(id))
                .await()
                .indefinitely()
                .iterator()
                .next()
                .getOffsetDateTime("deleted_at"))
        .isNotNull();
  }

  @Test
  void findsKeysByTagNameIdLastFourStatusAndMode() {
    Response alpha = api.create("{\"name\":\"Alpha Bot\",\"tags\":[\"prod\",\"eu\"]}");
    String beta =
        api.create("{\"name\":\"beta\",\"tags\":[\"prod\"],\"mode\":\"test\"}").path("id");
    String gone =
        api.create("{\"name\":\"alphabet\",\"expires_at\":\"2020-01-01T00:00:00Z\"}").path("id");
    String off = api.create("{\"name\":\"off\"}").path("id");
    api.patch(off, "{\"enabled\":false,\"tags\":[\"eu\"]}").then().statusCode(200);
    String id = alpha.path("id");
    String publicId = ApiKey.parse(alpha.path("key")).orElseThrow().id();

    assertThat(found("?tag=prod")).containsExactly(beta, id);
    assertThat(found("?tag=eu")).containsExactly(off, id);
    assertThat(found("?tag=pro")).isEmpty();
    assertThat(found("?q=ALPHA")).containsExactly(id, gone);
    assertThat(found("?q=alphab")).containsExactly(gone);
    assertThat(found("?q=" + id)).containsExactly(id);
    assertThat(found("?q=" + publicId)).containsExactly(id);
    assertThat(found("?q=" + alpha.path("last_four"))).contains(id);
    assertThat(found("?q=%25")).isEmpty();
    assertThat(found("?status=active")).containsExactly(beta, id);
    assertThat(found("?status=expired")).containsExactly(gone);
    assertThat(found("?status=disabled")).containsExactly(off);
    assertThat(found("?mode=test&tag=prod")).containsExactly(beta);
    assertThat(found("?q=alpha&tag=eu&status=active")).containsExactly(id);
    for (String bad :
        List.of("?status=gone", "?mode=x", "?cursor=x", "?q=a&cursor=" + id, "?limit=0")) {
      api.get("/v1/keys" + bad).then().statusCode(422);
    }
  }

  @Test
  void pagesASearchByNameWithoutGapsOrRepeats() {
    Set<String> made = new HashSet<>();
    for (int i = 0; i < 7; i++) {
      made.add(api.create("{\"name\":\"Same\"}").path("id"));
    }
    api.create("{\"name\":\"other\"}");

    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      Response page = api.get("/v1/keys?q=same&limit=3" + cursor);
      assertThat(page.statusCode()).as(page.asString()).isEqualTo(200);
      seen.addAll(page.<List<String>>path("data.id"));
      cursor = page.path("next_cursor") == null ? "" : "&cursor=" + page.path("next_cursor");
    } while (!cursor.isEmpty());

    assertThat(seen).hasSize(7).containsExactlyInAnyOrderElementsOf(made);
  }

  @Test
  void rotatesASecretWithAnOverlapAndKeepsTheKey() {
    Response made = api.create("{\"name\":\"r\",\"limits\":{\"requests_per_minute\":5}}");
    String id = made.path("id");

    Response rotated = api.rotate(id, 3600);
    String old = made.path("key");
    String fresh = rotated.path("key");

    assertThat(rotated.statusCode()).as(rotated.asString()).isEqualTo(200);
    assertThat(ApiKey.parse(fresh).orElseThrow().id())
        .isNotEqualTo(ApiKey.parse(old).orElseThrow().id());
    assertThat(rotated.<List<Object>>path("secrets")).hasSize(2);
    Response underOld = KeysApi.resolve(old);
    Response underNew = KeysApi.resolve(fresh);
    assertThat(underOld.<String>path("key_id"))
        .isEqualTo(underNew.<String>path("key_id"))
        .isEqualTo(id);
    assertThat(Instant.parse(underOld.path("secret_expires_at")))
        .isBetween(Instant.now().plusSeconds(3500), Instant.now().plusSeconds(3700));
    assertThat(underNew.<Object>path("secret_expires_at")).isNull();
    assertThat(underNew.<Integer>path("limits.requests_per_minute")).isEqualTo(5);
    assertThat(api.rotate(id, 60).<String>path("code")).isEqualTo("still_overlapping");
    String last = api.rotate(id, 0).path("key");
    assertThat(KeysApi.resolve(old).statusCode()).isEqualTo(404);
    assertThat(KeysApi.resolve(fresh).statusCode()).isEqualTo(404);
    assertThat(KeysApi.resolve(last).statusCode()).isEqualTo(200);
    api.as(Role.OWNER).delete("/v1/keys/" + id);
    assertThat(KeysApi.resolve(last).statusCode()).isEqualTo(404);
  }

  @Test
  void tellsServicesWhetherAKeyMayStillBeUsed() {
    String id = api.create("{\"name\":\"r\",\"limits\":{\"requests_per_minute\":5}}").path("id");

    Response good = KeysApi.profile(id);
    assertThat(good.statusCode()).as(good.asString()).isEqualTo(200);
    assertThat(good.<String>path("key_id")).isEqualTo(id);
    assertThat(good.<Integer>path("limits.requests_per_minute")).isEqualTo(5);
    api.rotate(id, 0).then().statusCode(200);
    assertThat(KeysApi.profile(id).statusCode()).isEqualTo(200);
    api.as(Role.OWNER).delete("/v1/keys/" + id);
    assertThat(KeysApi.profile(id).statusCode()).isEqualTo(404);
    assertThat(KeysApi.profile("key_nothing").statusCode()).isEqualTo(404);
  }

  @Test
  void endsTheOldSecretWhenTheOverlapEnds() throws Exception {
    Response made = api.create("{\"name\":\"r\"}");

    api.rotate(made.path("id"), 5).then().statusCode(200);
    assertThat(KeysApi.resolve(made.path("key")).statusCode()).isEqualTo(200);

    Eventually.await(
        "the old secret is refused", () -> KeysApi.resolve(made.path("key")).statusCode() == 404);
    assertThat(api.rotate(made.path("id"), 60).statusCode()).isEqualTo(200);
  }

  @Test
  void neverHasMoreThanTwoGoodSecretsHoweverManyRotateAtOnce() throws Exception {
    Response made = api.create("{\"name\":\"r\"}");
    String id = made.path("id");
    List<String> keys = new ArrayList<>(List.of(made.<String>path("key")));
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Response>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        all.add(() -> api.rotate(id, 60));
      }
      for (Future<Response> answer : threads.invokeAll(all)) {
        if (answer.get().statusCode() == 200) {
          keys.add(answer.get().path("key"));
        }
      }
    }

    assertThat(keys).hasSize(2);
    assertThat(keys).allMatch(key -> KeysApi.resolve(key).statusCode() == 200);
  }

  @Test
  void givesTheSameNewSecretForTheSameIdempotencyKey() {
    String id = api.create("{\"name\":\"r\"}").path("id");

    String first = rotateOnce(id, 60).path("key");
    String again = rotateOnce(id, 60).path("key");

    assertThat(again).isEqualTo(first);
    assertThat(rotateOnce(id, 61).statusCode()).isEqualTo(422);
    assertThat(api.get("/v1/keys/" + id).<List<Object>>path("secrets")).hasSize(2);
    assertThat(api.rotate(id, 2_592_001).statusCode()).isEqualTo(422);
    assertThat(api.rotate(id, -1).statusCode()).isEqualTo(422);
  }

  @Test
  void hidesRotationFromStrangersAndReaders() {
    String id = api.create("{\"name\":\"r\"}").path("id");

    new KeysApi().rotate(id, 0).then().statusCode(404);
    for (Role role : List.of(Role.VIEWER, Role.BILLING)) {
      api.as(role).body("{}").post("/v1/keys/" + id + "/rotate").then().statusCode(403);
    }
    assertThat(api.get("/v1/keys/" + id).<Integer>path("revision")).isEqualTo(1);
  }

  @Test
  void storesWhenAKeyWasLastUsed() throws Exception {
    Response made = api.create("{\"name\":\"u\"}");
    assertThat(made.<Object>path("last_used_at")).isNull();

    KeysApi.resolve(made.path("key")).then().statusCode(200);

    String path = "/v1/keys/" + made.path("id");
    Eventually.await("its use is noted", () -> api.get(path).path("last_used_at") != null);
    Instant used = Instant.parse(api.get(path).path("last_used_at"));
    assertThat(used).isBetween(Instant.now().minusSeconds(30), Instant.now());
    assertThat(api.get("/v1/keys/" + made.path("id")).<Integer>path("revision")).isEqualTo(1);
  }

  private Response rotateOnce(String id, long overlapSeconds) {
    return api.as(Role.ADMIN)
        .header("Idempotency-Key", "rotate-" + id)
        .body("{\"overlap_seconds\":" + overlapSeconds + "}")
        .post("/v1/keys/" + id + "/rotate");
  }

  private List<String> found(String query) {
    Response page = api.get("/v1/keys" + query);
    assertThat(page.statusCode()).as(page.asString()).isEqualTo(200);
    return page.path("data.id");
  }
}
