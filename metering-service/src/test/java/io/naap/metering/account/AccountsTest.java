package io.naap.metering.account;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.naap.contracts.events.BalanceChanged;
import io.naap.contracts.events.TopUpWanted;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Operator;
import io.naap.metering.Samples;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Tests balances, alerts, top-ups, and the standing of tenants that do not pay. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class AccountsTest {
  @Inject RedisDataSource redis;
  @Inject Transactions transactions;
  @Inject Operator operator;
  @Inject Dunning dunning;

  private final String tenant = Samples.id(IdKind.TENANT);
  private final String owner = Tokens.of(tenant, Role.OWNER);
  private long revision;

  @Test
  void tellsTheBurnRateAndTheDaysThatAreLeft() {
    balance().body("known", equalTo(false)).body("days_left", nullValue());
    for (int day = 0; day < 9; day++) {
      spent(day, 1_000_000_000L);
    }

    changed("10.50");

    awaitCredit("10.50");
    // The rate counts today and the six days before it, nothing older.
    balance()
        .body("spent_today.amount", equalTo("1.00"))
        .body("burn_per_day.amount", equalTo("1.00"))
        .body("days_left", equalTo(10));
  }

  @Test
  void anOlderBalanceThatComesLateSaysNothing() {
    revision = 5;
    changed("4");
    awaitCredit("4.00");
    revision = 2;
    changed("9");
    revision = 6;
    changed("3");

    awaitCredit("3.00");
  }

  @Test
  void whatIsNoBalanceIsSetApartAndTheRestIsTaken() {
    for (String none : List.of("{\"tenant_id\":\"" + tenant + "\\u0000\"}", tenant)) {
      redis.stream(String.class).xadd(Topics.BALANCES, Map.of(Topics.FIELD, none));
    }
    changed("7");

    awaitCredit("7.00");
    long apart =
        transactions.run(
            tx ->
                tx.one(
                        "select count(*) from dead_letter where stream = $1 and payload like $2",
                        Topics.BALANCES,
                        "%" + tenant + "%")
                    .orElseThrow()
                    .getLong(0));
    assertThat(apart).isEqualTo(2);
  }

  @Test
  void tellsOnceThatABalanceIsLowAndAsksOnceForATopUpUntilItIsAboveAgain() {
    String webhook = webhook();
    alerts(
        """
        {"low_balance":{"amount":"5","currency":"USD"},"top_up_below":{"amount":"2","currency":"USD"},
         "top_up_amount":{"amount":"20","currency":"USD"}}""");

    changed("6");
    awaitCredit("6.00");
    assertThat(told(webhook, "balance.low")).isZero();
    changed("4");
    changed("3");
    awaitCredit("3.00");
    assertThat(told(webhook, "balance.low")).isEqualTo(1);
    assertThat(topUps()).isEmpty();

    changed("1.9");
    changed("1.8");
    awaitCredit("1.80");
    assertThat(topUps()).extracting(TopUpWanted::amount).containsExactly(NanoUsd.ofDollars(20));

    changed("21");
    awaitCredit("21.00");
    changed("1");
    awaitCredit("1.00");
    assertThat(topUps()).hasSize(2);
    assertThat(told(webhook, "balance.low")).isEqualTo(2);
  }

  @Test
  void moneyThatIsSetAsideIsNotMissingAndMoneyThatIsOwedIs() {
    String webhook = webhook();
    alerts(
        """
        {"low_balance":{"amount":"5","currency":"USD"},"top_up_below":{"amount":"2","currency":"USD"},
         "top_up_amount":{"amount":"20","currency":"USD"}}""");

    changed("0.001", "5", "0");
    awaitCredit("0.001");
    assertThat(topUps()).isEmpty();
    assertThat(told(webhook, "balance.low")).isZero();

    changed("4", "0", "2.5");
    awaitCredit("4.00");
    assertThat(told(webhook, "balance.low")).isEqualTo(1);
    assertThat(topUps())
        .extracting(TopUpWanted::below)
        .containsExactly(java.util.Optional.of(NanoUsd.ofDollars(2)));
  }

  @Test
  void tellsOnceAPeriodThatASpendingMarkIsReachedHoweverManyLookAtOnce() throws Exception {
    String webhook = webhook();
    alerts(
        """
        {"spend_alerts":[{"amount":"3","currency":"USD"},{"amount":"100","currency":"USD"}]}""");
    spent(0, 2_999_999_999L);
    dunning.run();
    assertThat(told(webhook, "usage.threshold")).isZero();

    spent(0, 1);
    atOnce(dunning::run);
    dunning.run();

    assertThat(told(webhook, "usage.threshold")).isEqualTo(1);
  }

  @Test
  void whoDoesNotPayIsRemindedThenSuspendedAndGoodAgainWhenItPaid() {
    String webhook = webhook();
    String invoice = Samples.id(IdKind.INVOICE);
    Instant now = Instant.now();
    transactions.run(
        tx ->
            tx.change(
                """
                insert into tenant_account (tenant_id, closed_through, invoiced_through) values ($1, $2, $2)
                on conflict (tenant_id) do nothing""",
                tenant,
                now.atOffset(ZoneOffset.UTC)));
    transactions.run(
        tx ->
            tx.change(
                """
                insert into invoice (id, tenant_id, kind, number, status, period_start, period_end, document, total, due,
                  due_at) values ($1, $2, 'invoice', -(extract(epoch from now()) * 1000)::int8, 'final', $3, $3, '{}', 5, 5, $4)""",
                invoice,
                tenant,
                now.minus(60, ChronoUnit.DAYS).atOffset(ZoneOffset.UTC),
                now.plus(1, ChronoUnit.DAYS).atOffset(ZoneOffset.UTC)));
    standing("good");

    due(invoice, now.minus(1, ChronoUnit.HOURS));
    standing("past_due");
    standing("past_due");
    due(invoice, now.minus(13, ChronoUnit.DAYS));
    standing("past_due");
    due(invoice, now.minus(15, ChronoUnit.DAYS));
    standing("suspended");
    transactions.run(
        tx -> tx.change("update invoice set paid = 5, status = 'paid' where id = $1", invoice));
    standing("good");

    assertThat(told(webhook, "standing.changed")).isEqualTo(3);
    transactions.run(tx -> tx.change("delete from invoice where id = $1", invoice));
  }

  @Test
  void whoIsOverItsCreditLimitIsSuspended() {
    given()
        .auth()
        .oauth2(Tokens.of(Samples.id(IdKind.TENANT), Role.OPERATOR))
        .contentType("application/json")
        .body("{\"credit_limit\":{\"amount\":\"2\",\"currency\":\"USD\"}}")
        .put("/v1/invoices/accounts/" + tenant)
        .then()
        .statusCode(200);
    spent(0, 2_000_000_000L);
    standing("good");

    spent(0, 1);

    standing("suspended");
  }

  private void due(String invoice, Instant at) {
    transactions.run(
        tx ->
            tx.change(
                "update invoice set due_at = $2 where id = $1",
                invoice,
                at.atOffset(ZoneOffset.UTC)));
  }

  /** Checks the standing that the endpoint for routers returns. */
  private void standing(String expected) {
    dunning.run();
    given()
        .auth()
        .oauth2(Tokens.service("router"))
        .get("/internal/tenants/" + tenant + "/plan")
        .then()
        .statusCode(200)
        .body("standing", equalTo(expected));
  }

  private static void atOnce(Runnable work) throws Exception {
    try (ExecutorService replicas = Executors.newFixedThreadPool(4)) {
      List<Callable<Object>> all = new ArrayList<>();
      for (int at = 0; at < 4; at++) {
        all.add(Executors.callable(work));
      }
      for (Future<Object> one : replicas.invokeAll(all)) {
        one.get();
      }
    }
  }

  /** Adds a cost to the usage sums of a day in the past. */
  private void spent(int daysAgo, long nanos) {
    transactions.run(
        tx ->
            tx.change(
                """
                insert into usage_rollup as r (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome,
                  late, jobs, events, requests, pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost,
                  sponsored, waived, network_cost)
                values ('day', date_trunc('day', now(), 'UTC') - make_interval(days => $2), $1, 'key', 'llm', 'm', 'standard',
                  200, 'succeeded', false, 1, 1, 1, 0, 0, 0, 0, 0, 0, $3, 0, 0, 0)
                on conflict (tenant_id, granularity, bucket, key_id, capability, model, tier, status, outcome, late)
                do update set cost = r.cost + excluded.cost""",
                tenant,
                daysAgo,
                nanos));
  }

  private void changed(String credit) {
    changed(credit, "0", "0");
  }

  private void changed(String credit, String setAside, String owed) {
    revision++;
    redis.stream(String.class)
        .xadd(
            Topics.BALANCES,
            Map.of(
                Topics.FIELD,
                Json.write(
                    new BalanceChanged(
                        Samples.id(IdKind.EVENT),
                        Instant.now(),
                        tenant,
                        revision,
                        NanoUsd.parse(credit),
                        NanoUsd.parse(setAside),
                        NanoUsd.parse(owed)))));
  }

  private void awaitCredit(String credit) {
    Samples.await(
        "credit of " + credit, () -> credit.equals(balance().extract().path("credit.amount")));
  }

  private ValidatableResponse balance() {
    return given().auth().oauth2(owner).get("/v1/usage/balance").then().statusCode(200);
  }

  private void alerts(String body) {
    given()
        .auth()
        .oauth2(owner)
        .contentType("application/json")
        .body(body)
        .put("/v1/invoices/accounts/" + tenant + "/alerts")
        .then()
        .statusCode(200);
  }

  private String webhook() {
    String id =
        given()
            .auth()
            .oauth2(owner)
            .contentType("application/json")
            .header("Idempotency-Key", tenant)
            .body("{\"url\":\"https://203.113.0.1/hook\"}")
            .post("/v1/webhooks")
            .then()
            .statusCode(201)
            .extract()
            .path("id");
    return id;
  }

  private long told(String webhook, String type) {
    return transactions.run(
        tx ->
            tx.one(
                    "select count(*) from webhook_delivery where webhook_id = $1 and type = $2",
                    webhook,
                    type)
                .orElseThrow()
                .getLong(0));
  }

  private List<TopUpWanted> topUps() {
    return operator.told(Topics.TOP_UPS, TopUpWanted.class).stream()
        .filter(one -> one.tenantId().equals(tenant))
        .toList();
  }
}
