package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.testing.Operations;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.router.endpoint.Access;
import io.naap.router.endpoint.Endpoint;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(Neighbours.class)
class EndpointsTest {
  private static final Path OPENAPI = Path.of("openapi.yaml");
  private static final String HOOKS = "/hooks/gateways/" + Neighbours.HOOK_SECRET;

  @TestHTTPResource(value = "/openapi", management = true)
  String openapi;

  @Inject RedisDataSource redis;

  @Test
  void servesTheApiThatIsCommitted() {
    assertThat(Operations.difference(OPENAPI, given().get(openapi).asString())).isEmpty();
    assertThat(Operations.of(OPENAPI)).hasSameSizeAs(Endpoint.values());
  }

  @Test
  void letsNobodyInWithoutWhatTheEndpointAsksFor() {
    Set<String> before = keysOfRedis();
    String unknown = ApiKey.generate("live", new Random(9)).reveal();
    for (Endpoint endpoint : Endpoint.values()) {
      String path =
          endpoint
              .path()
              .replace("{file}", "1.ts")
              .replace("{secret}", "x".repeat(32))
              .replaceAll("\\{[a-z]+}", "a");
      if (endpoint.access() == Access.API_KEY) {
        assertThat(status(given(), endpoint, path)).as(endpoint.toString()).isEqualTo(401);
        for (String bad :
            Stream.concat(Stream.of("nonsense", unknown), Tokens.forged("ten_x").stream())
                .toList()) {
          assertThat(status(given().header("Authorization", "Bearer " + bad), endpoint, path))
              .as(endpoint + " with " + bad)
              .isEqualTo(401);
        }
      } else {
        assertThat(status(given(), endpoint, path)).as(endpoint.toString()).isEqualTo(404);
      }
    }
    assertThat(keysOfRedis()).isEqualTo(before);
  }

  @Test
  void admitsOnlyPushesThatItSentToThatGateway() {
    String key = Neighbours.newKey(1_000_000_000L, KeyLimits.NONE);
    String name = Neighbours.KEYS.get(key).tenantId() + "-cam";

    assertThat(push(name)).isEqualTo(403);
    given()
        .header("x-api-key", key)
        .header("Content-Duration", "2000")
        .contentType("video/mp2t")
        .body(new byte[188])
        .post("/live/cam/0.ts")
        .then()
        .statusCode(200);

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
    return answer.statusCode();
  }

  private static int status(RequestSpecification request, Endpoint endpoint, String path) {
    return request
        .contentType("application/json")
        .body("{\"ids\":[]}")
        .request(endpoint.method(), path)
        .statusCode();
  }

  /** Holds, counters, sessions and events all live here. */
  private Set<String> keysOfRedis() {
    return redis.key().keys("naap:*").stream()
        .filter(name -> !name.startsWith("naap:live:seen"))
        .collect(Collectors.toSet());
  }
}
