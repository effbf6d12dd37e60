package io.naap.metering.invoice;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;

import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.InvoiceFinalized;
import io.naap.contracts.events.InvoicePaid;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Samples;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class InvoiceTest {
  @Inject Transactions transactions;
  @Inject RedisDataSource redis;
  @Inject Closing closing;

  private final String operator = Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR);
  private final Instant thisMonth =
      Instant.now()
          .atOffset(ZoneOffset.UTC)
          .withDayOfMonth(1)
          .toInstant()
          .truncatedTo(ChronoUnit.DAYS);
  private final Instant lastMonth = thisMonth.minus(5, ChronoUnit.DAYS);

  @Test
  void closesAPeriodOnceAndEveryLineTiesToItsEvents() {
    String tenant = Samples.id(IdKind.TENANT);
    String key = Samples.id(IdKind.KEY);
    String plan = postpaidPlan();
    transactions.run(
        tx ->
            tx.change(
                "insert into tenant_assignment (tenant_id, effective_from, plan_id, created_at) values ($1, $2, $3, $2)",
                tenant,
                lastMonth.minus(10, ChronoUnit.DAYS).atOffset(ZoneOffset.UTC),
                plan));
    for (int at = 0; at < 4; at++) {
      record(tenant, key, plan + "@1", lastMonth.plusSeconds(at), 3, "s" + at);
    }

    closing.closeUntil(Instant.now());
    closing.closeUntil(Instant.now());

    String id =
        given()
            .auth()
            .oauth2(Tokens.of(tenant, Role.BILLING))
            .get("/v1/invoices")
            .then()
            .statusCode(200)
            .body("data", hasSize(1))
            .body("data[0].status", equalTo("final"))
            // Ten at 1.00, two at 0.50.
            .body("data[0].lines.find { it.kind == 'usage' }.exact.amount", equalTo("11.00"))
            .body("data[0].keys[0].key_id", equalTo(key))
            .body("data[0].lines.kind", hasItems("usage", "subscription"))
            .extract()
            .path("data[0].id");
    verified(id, tenant);
    late(tenant, key, plan, id);
    pdf(id, tenant);
    credited(id, tenant);
    paid(id, tenant);
  }

  /** The day periods begin at is changed: what runs now is not touched, the next one is short. */
  @Test
  void aPeriodThatIsShortBecauseItsDaysMovedIsProrated() {
    String tenant = Samples.id(IdKind.TENANT);
    String plan = postpaidPlan();
    transactions.run(
        tx ->
            tx.change(
                "insert into tenant_assignment (tenant_id, effective_from, plan_id, created_at) values ($1, $2, $3, $2)",
                tenant,
                thisMonth.atOffset(ZoneOffset.UTC).minusMonths(1),
                plan));
    closing.closeUntil(Instant.now());

    Instant next = thisMonth.atOffset(ZoneOffset.UTC).plusMonths(1).toInstant();
    given()
        .auth()
        .oauth2(operator)
        .contentType(ContentType.JSON)
        .body("{\"cadence\":\"anniversary\",\"anchor_day\":15}")
        .put("/v1/invoices/accounts/" + tenant)
        .then()
        .statusCode(200)
        .body("anchor_day", equalTo(15))
        .body("anchor_from", equalTo(next.toString()));
    Instant middle = next.plus(14, ChronoUnit.DAYS);
    draft(tenant, Instant.now()).body("period_end", equalTo(next.toString()));
    // 20.00 a month: fourteen days of the month up to the fifteenth.
    long month =
        java.time.Duration.between(
                middle.atOffset(ZoneOffset.UTC).minusMonths(1).toInstant(), middle)
            .toDays();
    NanoUsd fee =
        NanoUsd.rounded(java.math.BigDecimal.valueOf(20 * 14), java.math.BigDecimal.valueOf(month));
    draft(tenant, next)
        .body("period_start", equalTo(next.toString()))
        .body("period_end", equalTo(middle.toString()))
        .body("lines.find { it.kind == 'subscription' }.exact.amount", equalTo(fee.toString()));
    draft(tenant, middle)
        .body("period_start", equalTo(middle.toString()))
        .body("lines.find { it.kind == 'subscription' }.exact.amount", equalTo("20.00"));
  }

  private io.restassured.response.ValidatableResponse draft(String tenant, Instant at) {
    return given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/invoices/draft?at=" + at)
        .then()
        .statusCode(200);
  }

  private void verified(String id, String tenant) {
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/invoices/" + id + "/verification")
        .then()
        .statusCode(200)
        .body("differences", hasSize(0))
        .body("events", equalTo(4))
        .body("agrees", equalTo(true));
    transactions.run(
        tx ->
            tx.change(
                "update usage_event set cost = cost + 1 where tenant_id = $1 and cost > 0 and event_id ="
                    + " (select max(event_id) from usage_event where tenant_id = $1)",
                tenant));
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/invoices/" + id + "/verification")
        .then()
        .body("agrees", equalTo(false));
    transactions.run(
        tx ->
            tx.change(
                "update usage_event set cost = cost - 1 where tenant_id = $1 and event_id ="
                    + " (select max(event_id) from usage_event where tenant_id = $1)",
                tenant));
  }

  /** What comes after the period was closed changes nothing of it. */
  private void late(String tenant, String key, String plan, String id) {
    record(tenant, key, plan + "@1", lastMonth.plusSeconds(100), 2, "late");

    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/invoices/draft")
        .then()
        .statusCode(200)
        .body("lines.find { it.kind == 'late_usage' }.exact.amount", equalTo("1.00"));
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/invoices/" + id + "/verification")
        .then()
        .body("agrees", equalTo(true))
        .body("events", equalTo(4));
  }

  private void pdf(String id, String tenant) {
    byte[] pdf =
        given()
            .auth()
            .oauth2(Tokens.of(tenant, Role.VIEWER))
            .get("/v1/invoices/" + id + "/pdf")
            .then()
            .statusCode(200)
            .contentType("application/pdf")
            .extract()
            .asByteArray();
    assertThat(new String(pdf, java.nio.charset.StandardCharsets.ISO_8859_1))
        .startsWith("%PDF-1.4")
        .contains("Invoice", "11.00")
        .endsWith("%%EOF\n");
  }

  private void credited(String id, String tenant) {
    given()
        .auth()
        .oauth2(operator)
        .contentType(ContentType.JSON)
        .header("Idempotency-Key", id)
        .body("{\"amount\":{\"amount\":\"1.00\",\"currency\":\"USD\"},\"reason\":\"goodwill\"}")
        .post("/v1/invoices/" + id + "/credit-notes")
        .then()
        .statusCode(201)
        .body("total.amount", equalTo("-1.00"));
    assertThat(fees(tenant))
        .anyMatch(
            fee -> fee.kind().equals("credit_note") && fee.amount().equals(NanoUsd.ofDollars(-1)));
    assertThat(fees(tenant)).filteredOn(fee -> fee.kind().equals("subscription")).hasSize(1);
  }

  private void paid(String id, String tenant) {
    NanoUsd due = finals(tenant).getFirst().due();
    String event =
        Json.write(new InvoicePaid(Samples.id(IdKind.EVENT), Instant.now(), tenant, id, due));
    redis.stream(String.class).xadd(Topics.INVOICE_PAYMENTS, Map.of(Topics.FIELD, event));
    redis.stream(String.class).xadd(Topics.INVOICE_PAYMENTS, Map.of(Topics.FIELD, event));

    Samples.await(
        "paid",
        () ->
            given()
                .auth()
                .oauth2(Tokens.of(tenant, Role.VIEWER))
                .get("/v1/invoices/" + id)
                .path("status")
                .equals("paid"));
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/invoices/" + id)
        .then()
        .body("paid.amount", equalTo(due.toString()));
  }

  /** A graduated price and a fee, paid afterwards; in force since long. */
  private String postpaidPlan() {
    String id =
        given()
            .auth()
            .oauth2(operator)
            .contentType(ContentType.JSON)
            .header("Idempotency-Key", Samples.id(IdKind.EVENT))
            .body(
                """
                {"name":"Tiers","prepaid":false,"charges":[
                  {"model":"subscription","price":20},
                  {"model":"graduated","filter":{"capability":"llm"},"unit":"requests","per":1,
                   "tiers":[{"up_to":10,"price":1},{"price":0.5}]}]}""")
            .post("/v1/plans")
            .then()
            .statusCode(201)
            .extract()
            .path("id");
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

  private void record(
      String tenant, String key, String plan, Instant at, long requests, String id) {
    given()
        .auth()
        .oauth2(operator)
        .contentType("application/cloudevents+json")
        .body(
            """
            {"specversion":"1.0","id":"%s","source":"/test","type":"io.naap.usage","subject":"%s","time":"%s",
             "data":{"key_id":"%s","capability":"llm","model":"m","units":{"requests":%d},"plan":"%s"}}"""
                .formatted(id, tenant, at, key, requests, plan))
        .post("/v1/usage/events")
        .then()
        .statusCode(200)
        .body("events[0].state", equalTo(id.equals("late") ? "late" : "accepted"));
  }

  private List<FeeCharged> fees(String tenant) {
    return published(
        Topics.FEES, text -> Json.read(text, FeeCharged.class), FeeCharged::tenantId, tenant);
  }

  private List<InvoiceFinalized> finals(String tenant) {
    return published(
        Topics.INVOICES,
        text -> Json.read(text, InvoiceFinalized.class),
        InvoiceFinalized::tenantId,
        tenant);
  }

  private <T> List<T> published(
      String topic, Function<String, T> read, Function<T, String> owner, String tenant) {
    Samples.await(
        "published",
        () -> transactions.<Integer>run(tx -> tx.query("select 1 from outbox").size()) == 0);
    return redis.stream(String.class).xrange(topic, StreamRange.of("-", "+")).stream()
        .map(message -> read.apply(message.payload().get(Topics.FIELD)))
        .filter(event -> owner.apply(event).equals(tenant))
        .toList();
  }
}
