package io.naap.metering.ingest;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;

import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Samples;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Instant;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class RepairsTest {
  private final String tenant = Samples.id(IdKind.TENANT);
  private final String key = Samples.id(IdKind.KEY);
  private final String operator = Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR);
  private final String viewer = Tokens.of(tenant, Role.VIEWER);

  @Test
  void takesAnEventOnceBySourceAndIdAndTellsAnotherApart() {
    String time = Instant.now().toString();

    record("one", "text-to-image", 1_000_000, time).body("events[0].state", equalTo("accepted"));
    record("one", "text-to-image", 1_000_000, time).body("events[0].state", equalTo("repeated"));
    record("one", "text-to-image", 2_000_000, time).body("events[0].state", equalTo("conflict"));

    usage("1", "0.005", 1_000_000);
  }

  @Test
  void usageOfATenantThatDoesNotExistIsRefusedAndThatOfOthersTaken() {
    String event =
        """
        {"specversion":"1.0","id":"%s","source":"/test","type":"io.naap.usage","subject":"%s",
         "data":{"key_id":"%s","capability":"text-to-image","model":"m","units":{"requests":1}}}""";
    given()
        .auth()
        .oauth2(operator)
        .contentType("application/cloudevents-batch+json")
        .body(
            "["
                + event.formatted("a", Stores.NO_TENANT, key)
                + ","
                + event.formatted("b", tenant, key)
                + "]")
        .post("/v1/usage/events")
        .then()
        .statusCode(200)
        .body("events[0].state", equalTo("invalid"))
        .body("events[0].detail", equalTo("There is no such tenant."))
        .body("events[1].state", equalTo("accepted"));
    String[][] asked = {
      {"/v1/plans/tenants/%s", "{\"plan_id\":\"" + Samples.PLAN + "\"}"},
      {"/v1/invoices/accounts/%s", "{}"},
      {"/v1/invoices/accounts/%s/alerts", "{\"spend_alerts\":[]}"},
    };
    for (String[] one : asked) {
      given()
          .auth()
          .oauth2(operator)
          .contentType("application/json")
          .body(one[1])
          .put(one[0].formatted(Stores.NO_TENANT))
          .then()
          .statusCode(404);
    }
  }

  @Test
  void aCorrectionKeepsBothAndTheSumsFollow() {
    String id =
        record("wrong", "text-to-image", 3_000_000, Instant.now().toString())
            .extract()
            .path("events[0].event_id");

    correct(id, "{\"units\":{\"requests\":1,\"pixels\":1000000}}")
        .statusCode(200)
        .body("state", equalTo("accepted"))
        .body("cost.amount", equalTo("0.005"));
    correct(id, "{}").statusCode(409);

    usage("1", "0.005", 1_000_000);
    given()
        .auth()
        .oauth2(viewer)
        .get("/v1/usage/events")
        .then()
        .body("data.state", hasItems("corrected", "reversal", "accepted"));

    correct(id + "-c", "{}").statusCode(200);
    usage("0", "0.00", null);
  }

  @Test
  void whatIsQuarantinedIsPutRightAndCountedThen() {
    String id =
        record("odd", "juggling", 1_000_000, Instant.now().toString())
            .body("events[0].state", equalTo("quarantined"))
            .extract()
            .path("events[0].event_id");
    usage("0", "0.00", null);
    given()
        .auth()
        .oauth2(operator)
        .get("/v1/usage/quarantine?limit=100")
        .then()
        .statusCode(200)
        .body("data.event_id", hasItem(id));

    replay(id, "{}").statusCode(200).body("state", equalTo("quarantined"));
    replay(id, "{\"capability\":\"text-to-image\"}")
        .statusCode(200)
        .body("state", equalTo("accepted"));
    replay(id, "{}").statusCode(404);

    usage("1", "0.005", 1_000_000);
  }

  @Test
  void explainsAChargeAndExportsIt() {
    String id =
        record("why", "text-to-image", 1_000_000, Instant.now().toString())
            .extract()
            .path("events[0].event_id");

    given()
        .auth()
        .oauth2(viewer)
        .get("/v1/usage/events/" + id + "/explanation")
        .then()
        .statusCode(200)
        .body("agrees", equalTo(true))
        .body("lines.amount.amount", hasItems("0.001", "0.004"));
    for (String format : new String[] {"csv", "jsonl", "cloudevents"}) {
      given()
          .auth()
          .oauth2(viewer)
          .get("/v1/usage/export?format=" + format)
          .then()
          .statusCode(200)
          .body(org.hamcrest.Matchers.containsString(id));
    }
    given()
        .auth()
        .oauth2(viewer)
        .contentType("application/json")
        .body(
            """
            {"from":"%s","to":"%s","charges":[{"model":"per_request","price":0.5}]}"""
                .formatted(Instant.now().minusSeconds(600), Instant.now().plusSeconds(60)))
        .post("/v1/usage/what-if")
        .then()
        .statusCode(200)
        .body("billed.amount", equalTo("0.005"))
        .body("instead.amount", equalTo("0.50"));
  }

  private ValidatableResponse record(String id, String capability, long pixels, String time) {
    return given()
        .auth()
        .oauth2(operator)
        .contentType("application/cloudevents+json")
        .body(
            """
            {"specversion":"1.0","id":"%s","source":"/test","type":"io.naap.usage","subject":"%s","time":"%s",
             "data":{"key_id":"%s","capability":"%s","model":"m","units":{"requests":1,"pixels":%d},"tags":["t"]}}"""
                .formatted(id, tenant, time, key, capability, pixels))
        .post("/v1/usage/events")
        .then()
        .statusCode(200);
  }

  private ValidatableResponse correct(String id, String body) {
    return post("/v1/usage/events/" + id + "/correction", body);
  }

  private ValidatableResponse replay(String id, String body) {
    return post("/v1/usage/quarantine/" + id + "/replay", body);
  }

  private ValidatableResponse post(String path, String body) {
    return given()
        .auth()
        .oauth2(operator)
        .contentType("application/json")
        .body(body)
        .post(path)
        .then();
  }

  private void usage(String jobs, String cost, Integer pixels) {
    for (String query : new String[] {"", "?granularity=day", "?group_by=tag"}) {
      given()
          .auth()
          .oauth2(viewer)
          .get("/v1/usage" + query)
          .then()
          .statusCode(200)
          .body("total.requests", equalTo(Integer.valueOf(jobs)))
          .body("total.cost.amount", equalTo(cost))
          .body("total.units.pixels", equalTo(pixels));
    }
  }
}
