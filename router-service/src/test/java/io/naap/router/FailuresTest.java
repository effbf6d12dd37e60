package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.testing.Stores;
import io.naap.router.routing.RoutingTables;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gateways that cannot be reached, and what gateways ask. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class FailuresTest {
  private static final String HOOKS = "/hooks/gateways/";

  @Inject RedisDataSource redis;
  @Inject RoutingTables tables;

  @TestHTTPResource(value = "/metrics", management = true)
  String metrics;

  @BeforeEach
  void aGoodGateway() {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
  }

  private static Response image(String key) {
    return given()
        .header("x-api-key", key)
        .contentType("application/json")
        .body("{\"prompt\":\"a\"}")
        .post("/text-to-image");
  }

  @Test
  void aGatewayThatCannotBeReachedIsEjectedAndItsJobsGoToTheOther() throws Exception {
    String key = FakeServices.keyInTier("fragile");

    for (int job = 0; job < 12; job++) {
      Response answer = image(key);
      assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
      assertThat(answer.header("x-naap-route")).contains("gateway=somebody-1");
    }

    assertThat(FakeServices.GATEWAY).hasSize(12);
    assertThat(Recorded.usage(redis, key, 12)).hasSize(12);
    assertThat(tables.current().gateway("nobody-1").orElseThrow().health().isEjected()).isTrue();
    // Five failures eject it; after that nothing is tried there.
    assertThat(given().get(metrics).asString())
        .contains("router_gateway_ejections_total{gateway=\"nobody-1\"} 1.0")
        .contains("router_gateway_failures_total{gateway=\"nobody-1\",reason=\"connect\"} 5.0")
        .contains("router_retries_total{allowed=\"true\"}");
  }

  @Test
  void aConnectionThatIsNotAcceptedIsGivenUpInTime() throws Exception {
    String key = FakeServices.keyInTier("nowhere");

    long began = System.nanoTime();
    Response answer = image(key);
    long millis = (System.nanoTime() - began) / 1_000_000;

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(503);
    assertThat(answer.jsonPath().getString("code")).isEqualTo("gateway_unreachable");
    assertThat(answer.header("Retry-After")).isEqualTo("1");
    assertThat(millis).isBetween(400L, 10_000L);
    assertThat(Recorded.only(redis, key).units().amounts()).isEmpty();
  }

  @Test
  void aGatewayIsToldTheOrchestratorsOfItsPoolAndNobodyElseIs() {
    Response answer = given().get(HOOKS + FakeServices.HOOK_SECRET + "/orchestrators");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.jsonPath().getList("address", String.class))
        .isEqualTo(List.of("https://orchestrator-1:8935", "https://orchestrator-2:8935"));
    assertThat(answer.jsonPath().getList("score", Integer.class)).containsOnly(1);
    assertThat(given().get(HOOKS + "a-hook-secret-of-nobody/orchestrators").statusCode())
        .isEqualTo(404);
  }

  @Test
  void aPolicyInShadowModeIsCountedAndRefusesNobody() {
    String tenant = "ten_" + Long.toString(System.nanoTime(), 36);
    FakeServices.TENANT_LIMITS.put(
        tenant,
        new KeyLimits(Optional.empty(), Optional.of(1L), Optional.empty(), List.of(), List.of()));
    String key = FakeServices.newKey(tenant, 1_000_000_000L, KeyLimits.NONE, List.of());

    assertThat(image(key).statusCode()).isEqualTo(200);
    Response above = image(key);

    assertThat(above.statusCode()).as(above.asString()).isEqualTo(200);
    assertThat(above.header("RateLimit")).contains("\"tenant-rpd\";r=0");
    assertThat(given().get(metrics).asString())
        .contains("router_shadow_refusals_total{policy=\"tenant-rpd\"} 1.0");
  }

  @Test
  void aModelIsToldWhereItIsNot() {
    String key = FakeServices.keyInTier("raw");

    Response answer =
        given()
            .header("x-api-key", key)
            .contentType("application/json")
            .body("{\"text\":\"a\"}")
            .post("/text-to-speech");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.jsonPath().getString("code")).isEqualTo("not_in_tier");
  }
}
