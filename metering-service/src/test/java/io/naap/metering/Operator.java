package io.naap.metering;

import static io.restassured.RestAssured.given;

import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.testing.Tokens;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Calls the API as an operator in tests (plans, assignments, jobs), and reads what is published to
 * other services.
 */
@Singleton
public class Operator {
  private final String token = Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR);
  private final Transactions transactions;
  private final RedisDataSource redis;

  Operator(Transactions transactions, RedisDataSource redis) {
    this.transactions = transactions;
    this.redis = redis;
  }

  public RequestSpecification asks() {
    return given().auth().oauth2(token);
  }

  public ValidatableResponse post(String path, String body, int status) {
    return asks()
        .contentType("application/json")
        .header("Idempotency-Key", Samples.id(IdKind.EVENT))
        .body(body)
        .post(path)
        .then()
        .statusCode(status);
  }

  /** Creates an object by a POST; returns its id. */
  public String make(String path, String body) {
    return post(path, body, 201).extract().path("id");
  }

  /** Creates a plan that has been in force for years. */
  public String oldPlan(String body) {
    String id = make("/v1/plans", body);
    transactions.run(
        tx -> {
          tx.change("alter table plan_version disable trigger plan_version_append_only");
          tx.change(
              "update plan_version set effective_from = '2020-01-01T00:00:00Z' where plan_id = $1",
              id);
          return tx.change("alter table plan_version enable trigger plan_version_append_only");
        });
    return id;
  }

  /** Assigns a plan to a tenant from now on. */
  public void assign(String tenant, String plan) {
    asks()
        .contentType("application/json")
        .body("{\"plan_id\":\"" + plan + "\"}")
        .put("/v1/plans/tenants/" + tenant)
        .then()
        .statusCode(200);
  }

  /** Assigns a plan to a tenant as of a time in the past. */
  public void assign(String tenant, String plan, Instant since) {
    transactions.run(
        tx ->
            tx.change(
                "insert into tenant_assignment (tenant_id, effective_from, plan_id, created_at) values ($1, $2, $3, $2)",
                tenant,
                since.atOffset(ZoneOffset.UTC),
                plan));
  }

  /**
   * A job.
   *
   * @param plan {@code id@version}, or empty for the one in force at the time
   */
  public record Job(
      String tenant, String key, String capability, long requests, Instant at, String plan) {}

  /** Sends a job as a CloudEvent; returns the id of its usage event. */
  public String record(Job job, String state) {
    String plan = job.plan.isEmpty() ? "" : ",\"plan\":\"" + job.plan + "\"";
    ValidatableResponse answer =
        asks()
            .contentType("application/cloudevents+json")
            .body(
                """
                {"specversion":"1.0","id":"%s","source":"/test","type":"io.naap.usage","subject":"%s","time":"%s",
                 "data":{"key_id":"%s","capability":"%s","model":"m","units":{"requests":%d}%s}}"""
                    .formatted(
                        Samples.id(IdKind.EVENT),
                        job.tenant,
                        job.at,
                        job.key,
                        job.capability,
                        job.requests,
                        plan))
            .post("/v1/usage/events")
            .then()
            .statusCode(200);
    answer.body("events[0].state", org.hamcrest.Matchers.equalTo(state));
    return answer.extract().path("events[0].event_id");
  }

  /** Returns what was published on a topic since the start of the tests. */
  public <T> List<T> told(String topic, Class<T> type) {
    Samples.await(
        "published",
        () ->
            transactions.<Integer>run(
                    tx -> tx.query("select 1 from outbox where sent_at is null").size())
                == 0);
    return redis.stream(String.class).xrange(topic, StreamRange.of("-", "+")).stream()
        .flatMap(message -> message.payload().get(Topics.FIELD).lines())
        .map(event -> Json.read(event, type))
        .toList();
  }
}
