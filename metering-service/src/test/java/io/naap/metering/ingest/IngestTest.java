package io.naap.metering.ingest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageCommitted;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Samples;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class IngestTest {
  @Inject RedisDataSource redis;
  @Inject Transactions transactions;

  private String tenant;
  private String key;

  @BeforeEach
  void freshTenant() {
    tenant = Samples.id(IdKind.TENANT);
    key = Samples.id(IdKind.KEY);
  }

  @Test
  void storesRatesCountsAndAnnouncesAnEventOnce() {
    UsageRecorded event = Samples.image(tenant, key);

    publish(event);
    publish(event);
    publish(Samples.image(tenant, key));

    awaitState(2, "accepted");
    usage("?group_by=capability,model,key,status")
        .body("data", hasSize(1))
        .body("data[0].requests", equalTo(2))
        .body("data[0].capability", equalTo("text-to-image"))
        .body("data[0].key_id", equalTo(key))
        .body("data[0].units.pixels", equalTo(2_000_000))
        .body("data[0].cost.amount", equalTo("0.01"))
        .body("data[0].cost.currency", equalTo("USD"));
    List<ChargeRated> charges = charges();
    assertThat(charges).hasSize(2);
    assertThat(charges).allMatch(charge -> charge.amount().equals(NanoUsd.parse("0.005")));
    assertThat(charges)
        .filteredOn(charge -> charge.usageEventId().equals(event.eventId()))
        .singleElement()
        .satisfies(
            charge -> {
              assertThat(charge.requestId()).isEqualTo(event.requestId());
              assertThat(charge.gateway()).isEqualTo("gateway-a");
              assertThat(charge.units()).isEqualTo(event.units());
            });
  }

  @Test
  void countsAFailedJobAndNeverChargesIt() {
    publish(event("llm", "failed", Units.NONE, Samples.PLAN + "@1"));

    awaitState(1, "accepted");
    usage("?group_by=outcome")
        .body("data[0].outcome", equalTo("failed"))
        .body("data[0].requests", equalTo(1))
        .body("data[0].cost.amount", equalTo("0.00"));
    assertThat(charges()).isEmpty();
  }

  @Test
  void quarantinesWhatHasNoPriceAndNeverDropsIt() {
    publish(event("juggling", "succeeded", Units.of(Unit.REQUESTS, 1), Samples.PLAN + "@1"));
    publish(event("llm", "succeeded", Units.of(Unit.TOKENS_IN, 1), "pln_unknown@7"));
    publish(
        event("llm", "succeeded", Units.of(Unit.TOKENS_IN, Long.MAX_VALUE), Samples.PLAN + "@1"));
    publish(event("llm", "failed", Units.of(Unit.TOKENS_IN, 1), Samples.PLAN + "@1"));

    awaitState(4, "quarantined");
    assertThat(charges()).isEmpty();
    usage("").body("total.requests", equalTo(0));
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/usage/events")
        .then()
        .body(
            "data.state",
            equalTo(List.of("quarantined", "quarantined", "quarantined", "quarantined")));
  }

  @Test
  void setsApartWhatIsNoEventAndGoesOn() {
    redis.stream(String.class).xadd(Topics.usage(0), Map.of(Topics.FIELD, "{" + tenant));
    redis.stream(String.class).xadd(Topics.usage(0), Map.of("x", "y"));
    redis.stream(String.class)
        .xadd(
            Topics.usage(0),
            Map.of(
                Topics.FIELD,
                Json.write(Samples.image(tenant, key)).replace("team-a", tenant + "\\u0000")));

    publish(Samples.image(tenant, key));

    awaitState(1, "accepted");
    int apart =
        transactions.run(
            tx ->
                tx.query("select 1 from dead_letter where payload like $1", "%" + tenant + "%")
                    .size());
    assertThat(apart).isEqualTo(2);
  }

  @Test
  void aTagOfTheSixCharactersOfAnEscapedNulIsStoredAndRated() {
    UsageRecorded event = Samples.image(tenant, key);
    String escaped = Json.write(event).replace("team-a", "\\\\u0000");

    redis.stream(String.class).xadd(Topics.usage(0), Map.of(Topics.FIELD, escaped));

    awaitState(1, "accepted");
    assertThat(charges()).hasSize(1);
  }

  @Test
  void usageThatCannotBeStoredWaitsForAPersonWhoRepairsAndReplaysIt() {
    String event = Json.write(Samples.image(tenant, key));
    redis.stream(String.class)
        .xadd(Topics.usage(0), Map.of(Topics.FIELD, event.replace("team-a", tenant + "\\u0000")));
    Samples.await("set apart", () -> open() != null);
    Map<String, Object> letter = open();
    String where =
        "\"stream\":\"%s\",\"entry_id\":\"%s\""
            .formatted(letter.get("stream"), letter.get("entry_id"));

    operator("{" + where + "}").statusCode(422).body("code", equalTo("not_storable"));
    operator("{" + where + ",\"event\":" + event + "}")
        .statusCode(200)
        .body("state", equalTo("accepted"))
        .body("cost.amount", equalTo("0.005"));
    operator("{" + where + ",\"event\":" + event + "}").statusCode(404);

    awaitState(1, "accepted");
    assertThat(charges()).hasSize(1);
    assertThat(open()).isNull();
    given()
        .auth()
        .oauth2(Tokens.of(Samples.id(IdKind.TENANT), Role.SUPPORT))
        .queryParam("state", "resolved")
        .queryParam("limit", 100)
        .get("/v1/usage/dead-letters")
        .then()
        .statusCode(200)
        .body(
            "data.find { it.entry_id == '" + letter.get("entry_id") + "' }.resolution",
            equalTo("replayed"));
  }

  /** The open dead letter of this test's tenant; null for none. */
  private Map<String, Object> open() {
    return given()
        .auth()
        .oauth2(Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR))
        .queryParam("limit", 100)
        .get("/v1/usage/dead-letters")
        .then()
        .statusCode(200)
        .extract()
        .path("data.find { it.payload.contains('" + tenant + "') }");
  }

  private static ValidatableResponse operator(String body) {
    return given()
        .auth()
        .oauth2(Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR))
        .contentType("application/json")
        .body(body)
        .post("/v1/usage/dead-letters/replay")
        .then();
  }

  @Test
  void tellsTheRouterHowFarItsSpoolIsStoredWithoutAGap() {
    String instance = Samples.id(IdKind.SESSION);

    publishAt(instance, 1);
    publishAt(instance, 3);
    awaitCommitted(instance, 1);
    publishAt(instance, 2);
    awaitCommitted(instance, 3);

    assertThat(committed(instance)).isSorted().doesNotContain(2L);
  }

  @Test
  void countsAKeysConsumption() {
    publish(Samples.image(tenant, key));
    publish(
        event(
            "audio-to-text",
            "succeeded",
            Units.of(Unit.MILLISECONDS, 90_000),
            Samples.PLAN + "@1"));
    awaitState(2, "accepted");

    given()
        .auth()
        .oauth2(Tokens.service("router"))
        .get("/internal/keys/" + key + "/consumption?tenant=" + tenant)
        .then()
        .statusCode(200)
        .body("key_id", equalTo(key))
        .body("today.units.generations", equalTo(1))
        .body("month.units.milliseconds", equalTo(90_000))
        .body("lifetime.cost.amount", equalTo("0.014"));
    given()
        .auth()
        .oauth2(Tokens.service("router"))
        .get("/internal/tenants/" + tenant + "/consumption")
        .then()
        .statusCode(200)
        .body("tenant_id", equalTo(tenant))
        .body("today.units.generations", equalTo(1))
        .body("month.units.milliseconds", equalTo(90_000))
        .body("lifetime.cost.amount", equalTo("0.014"));
    usage("?granularity=day&group_by=capability")
        .body("data[0].capability", equalTo("audio-to-text"))
        .body("data[0].seconds", equalTo("90"))
        .body("data[0].minutes", equalTo("1.5"))
        .body("total.cost.amount", equalTo("0.014"));
  }

  private UsageRecorded event(String capability, String outcome, Units units, String plan) {
    return Samples.event(
        tenant, key, capability, outcome, units, plan, Samples.id(IdKind.SESSION), 1);
  }

  private void publishAt(String instance, long position) {
    publish(
        Samples.event(
            tenant,
            key,
            "byoc",
            "succeeded",
            Units.of(Unit.REQUESTS, 1),
            Samples.PLAN + "@1",
            instance,
            position));
  }

  private void publish(UsageRecorded event) {
    redis.stream(String.class).xadd(Topics.usage(0), Map.of(Topics.FIELD, Json.write(event)));
  }

  private void awaitState(int count, String state) {
    Samples.await(
        count + " " + state,
        () ->
            given()
                .auth()
                .oauth2(Tokens.of(tenant, Role.VIEWER))
                .get("/v1/usage/events")
                .then()
                .statusCode(200)
                .extract()
                .<List<String>>path("data.state")
                .equals(Stream.generate(() -> state).limit(count).toList()));
    // The outbox row is published after the commit.
    Samples.await(
        "published",
        () ->
            transactions.<Integer>run(
                    tx -> tx.query("select 1 from outbox where sent_at is null").size())
                == 0);
  }

  private ValidatableResponse usage(String query) {
    return given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/usage" + query)
        .then()
        .statusCode(200);
  }

  private List<ChargeRated> charges() {
    return redis.stream(String.class)
        .xrange(Topics.CHARGES, io.quarkus.redis.datasource.stream.StreamRange.of("-", "+"))
        .stream()
        .flatMap(message -> message.payload().get(Topics.FIELD).lines())
        .map(event -> Json.read(event, ChargeRated.class))
        .filter(charge -> charge.tenantId().equals(tenant))
        .toList();
  }

  private List<Long> committed(String instance) {
    return redis.stream(String.class)
        .xrange(Topics.USAGE_COMMITTED, io.quarkus.redis.datasource.stream.StreamRange.of("-", "+"))
        .stream()
        .map(message -> Json.read(message.payload().get(Topics.FIELD), UsageCommitted.class))
        .filter(committed -> committed.instance().equals(instance))
        .map(UsageCommitted::spoolPosition)
        .toList();
  }

  private void awaitCommitted(String instance, long position) {
    Samples.await(instance + " at " + position, () -> committed(instance).contains(position));
  }
}
