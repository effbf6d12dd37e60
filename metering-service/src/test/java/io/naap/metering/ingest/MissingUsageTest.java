package io.naap.metering.ingest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.micrometer.core.instrument.MeterRegistry;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Samples;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Routers declare ranges of usage missing: the watermark passes them, and each is stored and
 * counted once.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class MissingUsageTest {
  private static final long FAR = 1_000_000_000_000L;

  @Inject RedisDataSource redis;
  @Inject Transactions transactions;
  @Inject MeterRegistry meters;

  private final String tenant = Samples.id(IdKind.TENANT);
  private final String key = Samples.id(IdKind.KEY);
  private final String instance = Samples.id(IdKind.SESSION);

  @Test
  void aWatermarkPassesWhatIsDeclaredMissingWhateverComesFirst() {
    send(event(6));
    send(missing(2, 4));
    send(event(1));
    awaitCommitted(4);
    send(missing(7, FAR));
    send(event(5));

    awaitCommitted(FAR);
    send(event(FAR + 1));
    awaitCommitted(FAR + 1);
  }

  @Test
  void aRangeThatIsDeclaredAgainIsOneRowAndOneAlarm() {
    double before = counted();
    for (int times = 0; times < 3; times++) {
      send(missing(1, 9));
    }
    send(missing(10, 10));

    awaitCommitted(10);
    Samples.await("two rows", () -> rows() == 2);
    assertThat(counted() - before).isEqualTo(2);

    // After the watermark is lost, a repeated declaration moves it again, although its row is
    // stored already.
    transactions.run(tx -> tx.change("delete from spool where instance = $1", instance));
    send(missing(1, 9));
    awaitCommitted(9);
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void whatWasDeclaredMissingAndComesAfterAllIsChargedOnce() {
    UsageRecorded late = event(2);
    send(event(1));
    send(missing(2, 3));
    awaitCommitted(3);

    send(late);
    send(late);
    send(event(4));

    awaitCommitted(4);
    Samples.await("three events", () -> cost().equals("0.015"));
    send(missing(2, 3));
    send(event(5));
    awaitCommitted(5);
    Samples.await("four events", () -> cost().equals("0.02"));
  }

  @Test
  void aDeclarationAmongEventsTakesNoneWithIt() {
    redis.stream(String.class)
        .xadd(
            Topics.usage(0),
            Map.of(
                Topics.FIELD,
                "["
                    + Json.write(event(1))
                    + ","
                    + Json.write(missing(2, 2))
                    + ","
                    + Json.write(event(3))
                    + "]"));

    awaitCommitted(3);
    assertThat(rows()).isEqualTo(1);
    assertThat(deadLetters()).isZero();
  }

  @Test
  void whatIsNoRangeIsSetApartAndMovesNothing() {
    send(missing(0, 5));
    send(missing(5, 4));
    send(missing(1, Long.MAX_VALUE));
    send(new UsageMissing(instance, 1, 2, null, Instant.now()));
    send(new UsageMissing(instance, 1, 2, "unreadable", null));
    send(event(1));

    awaitCommitted(1);
    Samples.await("five letters", () -> deadLetters() == 5);
    assertThat(rows()).isZero();
    assertThat(committed()).isEqualTo(1);
  }

  @Test
  void operatorsSeeWhatIsMissing() {
    Instant found = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    send(new UsageMissing(instance, 3, 7, UsageMissing.UNREADABLE, found));
    send(new UsageMissing(instance, 8, 9, UsageMissing.FORGOTTEN, found));
    Samples.await("two rows", () -> rows() == 2);

    String cursor =
        given()
            .auth()
            .oauth2(Tokens.of(tenant, Role.SUPPORT))
            .get("/v1/usage/missing?limit=1")
            .then()
            .statusCode(200)
            .body("data[0].instance", equalTo(instance))
            .body("data[0].missing_from", equalTo(8))
            .body("data[0].reason", equalTo("forgotten"))
            .body("next_cursor", notNullValue())
            .extract()
            .path("next_cursor");
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.OPERATOR))
        .get("/v1/usage/missing?limit=1&cursor=" + cursor)
        .then()
        .statusCode(200)
        .body("data[0].missing_from", equalTo(3))
        .body("data[0].missing_to", equalTo(7))
        .body("data[0].found_at", equalTo(found.toString()));
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.OPERATOR))
        .get("/v1/usage/missing?cursor=x")
        .then()
        .statusCode(422);
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.OWNER))
        .get("/v1/usage/missing")
        .then()
        .statusCode(403);
    given().get("/v1/usage/missing").then().statusCode(401);
  }

  private UsageMissing missing(long from, long to) {
    return new UsageMissing(instance, from, to, UsageMissing.UNCLOSED, Instant.now());
  }

  private UsageRecorded event(long position) {
    return Samples.event(
        tenant,
        key,
        "text-to-image",
        "succeeded",
        Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, 1_000_000).with(Unit.GENERATIONS, 1),
        Samples.PLAN + "@1",
        instance,
        position);
  }

  private void send(Object event) {
    redis.stream(String.class).xadd(Topics.usage(0), Map.of(Topics.FIELD, Json.write(event)));
  }

  private double counted() {
    return meters.counter("metering_usage_missing_total").count();
  }

  private int rows() {
    return count("select count(*) from usage_missing where instance = $1", instance);
  }

  private int deadLetters() {
    return count("select count(*) from dead_letter where payload like $1", "%" + instance + "%");
  }

  private int count(String sql, String value) {
    return transactions.run(tx -> tx.one(sql, value).orElseThrow().getLong(0).intValue());
  }

  private String cost() {
    return given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/usage")
        .then()
        .extract()
        .path("total.cost.amount");
  }

  private long committed() {
    return transactions.run(
        tx ->
            tx.one("select committed from spool where instance = $1", instance)
                .map(row -> row.getLong(0))
                .orElse(0L));
  }

  private void awaitCommitted(long position) {
    Samples.await(instance + " at " + position, () -> committed() == position);
  }
}
