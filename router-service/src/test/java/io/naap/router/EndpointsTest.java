package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.testing.AccessMatrix;
import io.naap.contracts.testing.Operations;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.router.endpoint.Endpoint;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class EndpointsTest {
  private static final Path OPENAPI = Path.of("openapi.yaml");
  private static final String HOOKS = "/hooks/gateways/" + FakeServices.HOOK_SECRET;

  @TestHTTPResource(value = "/openapi", management = true)
  String openapi;

  @Inject RedisDataSource redis;

  @Test
  void servesTheApiThatIsCommitted() {
    assertThat(Operations.difference(OPENAPI, given().get(openapi).asString())).isEmpty();
    assertThat(Operations.of(OPENAPI)).hasSameSizeAs(Endpoint.values());
  }

  @Test
  void letsNobodyInWithoutWhatTheEndpointAsksFor() throws Exception {
    Set<String> before = keysOfRedis();
    AccessMatrix matrix =
        AccessMatrix.of(URI.create("http://localhost:" + RestAssured.port), "router");

    assertThat(matrix.violations(Tokens::refuse)).isEmpty();
    given()
        .auth()
        .oauth2(ApiKey.generate("live", new Random(9)).reveal())
        .post("/llm")
        .then()
        .statusCode(401);
    assertThat(keysOfRedis()).isEqualTo(before);
  }

  @Test
  void admitsOnlyPushesThatItSentToThatGateway() {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);

    assertThat(push(FakeServices.KEYS.get(key).tenantId() + "-cam")).isEqualTo(403);
    given()
        .header("x-api-key", key)
        .header("Content-Duration", "2000")
        .contentType("video/mp2t")
        .body(new byte[188])
        .post("/live/cam/0.ts")
        .then()
        .statusCode(200);
    String name = FakeServices.GATEWAY.getLast().uri().split("/", -1)[2];

    assertThat(push(name)).isEqualTo(200);
    assertThat(push(name + "x")).isEqualTo(403);
    assertThat(push("ten_anything")).isEqualTo(403);
  }

  private static int push(String name) {
    Response answer =
        given()
            .contentType("application/json")
            .body("{\"url\":\"http://127.0.0.1:9935/live/" + name + "/0.ts\"}")
            .post(HOOKS + "/auth");
    // An answer of renditions would have to be the segment's own, letter by letter.
    assertThat(answer.statusCode() == 200 ? answer.asString() : "").isEmpty();
    return answer.statusCode();
  }

  /** Holds, counters, sessions and events all live here. */
  private Set<String> keysOfRedis() {
    return redis.key().keys("naap:*").stream()
        .filter(name -> !name.equals("naap:live:seen") && !name.equals("naap:live:clock"))
        .collect(Collectors.toSet());
  }
}
