package io.naap.clearinghouse.stripe;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.stripe.net.Webhook;
import io.micrometer.core.instrument.MeterRegistry;
import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.contracts.events.TopUpWanted;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(StripeStandIn.class)
class StripeTest {
  @Inject RedisDataSource redis;
  @Inject Ledger ledger;
  @Inject MeterRegistry registry;
  private final String tenant = Samples.tenant();
  private final String owner = Tokens.of(tenant, Role.OWNER);

  @Test
  void creditsWhatWasPaidOnceInWhateverOrderAndHoweverOften() throws Exception {
    String charge = checkout("k1").getString("id");
    assertThat(checkout("k1").getString("id")).isEqualTo(charge);
    assertThat(StripeStandIn.ASKED.getLast())
        .contains("unit_amount%5D=2500", "naap_charge%5D=" + charge, " " + charge + " ");

    for (int again = 0; again < 3; again++) {
      send("evt_" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
    }
    send("evt_other" + charge, "payment_intent.succeeded", intent(charge), 0, 200);

    assertThat(Samples.balance(tenant)).startsWith("available 25.00,");
  }

  @Test
  void believesNothingThatIsUnsignedAlteredOrOld() throws Exception {
    String charge = checkout("k1").getString("id");
    String body = event("evt_x" + charge, "payment_intent.succeeded", intent(charge));
    long now = Instant.now().getEpochSecond();
    String good = signature(now, body);
    for (String[] wrong :
        new String[][] {
          {body, null},
          {body, "t=" + now + ",v1=00"},
          {body, good.replace("v1=", "v0=")},
          {body.replace("2500", "9900"), good},
          {body, signature(now - 301, body)}
        }) {
      var request = given().contentType("application/json").body(wrong[0]);
      if (wrong[1] != null) {
        request.header("Stripe-Signature", wrong[1]);
      }
      request.post("/hooks/stripe").then().statusCode(400);
    }
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
  }

  @Test
  void aDisputeTakesTheMoneyAndAWonOneGivesItBackInEitherOrder() throws Exception {
    String charge = checkout("k1").getString("id");
    String dispute =
        "{\"id\":\"dp_%s\",\"amount\":2500,\"payment_intent\":\"pi_%s\",\"status\":\"%s\"}";
    // Before the payment is known Stripe is asked to send it again.
    send(
        "evt_d0" + charge,
        "charge.dispute.created",
        dispute.formatted(charge, charge, "needs_response"),
        0,
        503);
    send("evt_p" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
    send(
        "evt_d2" + charge,
        "charge.dispute.closed",
        dispute.formatted(charge, charge, "won"),
        0,
        200);
    send(
        "evt_d0" + charge,
        "charge.dispute.created",
        dispute.formatted(charge, charge, "needs_response"),
        0,
        200);
    assertThat(Samples.balance(tenant)).startsWith("available 25.00,");

    send(
        "evt_d3" + charge,
        "charge.dispute.created",
        dispute.formatted(charge + "b", charge, "needs_response"),
        0,
        200);
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
    send(
        "evt_d4" + charge,
        "charge.dispute.created",
        dispute.formatted(charge + "c", charge, "needs_response"),
        0,
        200);
    assertThat(Samples.balance(tenant)).contains("owed 25.00");
  }

  @Test
  void refundsAtMostWhatWasPaidAndOnlyOnce() throws Exception {
    String charge = checkout("k1").getString("id");
    send("evt_p" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
    String payment =
        given()
            .auth()
            .oauth2(Tokens.of(tenant, Role.BILLING))
            .get("/v1/payments")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath()
            .getString("data[0].id");
    for (int again = 0; again < 2; again++) {
      refund(payment, "10", "r1", 201);
    }
    refund(payment, "20", "r2", 404);
    assertThat(Samples.balance(tenant)).startsWith("available 15.00,");

    String own =
        StripeStandIn.ASKED.getLast().replaceAll("(?s).*naap_refund%5D=(pay_[0-9a-z]+).*", "$1");
    send(
        "evt_r" + charge,
        "refund.created",
        "{\"id\":\"re_1\",\"amount\":1000,\"payment_intent\":\"pi_%s\",\"status\":\"succeeded\",\"metadata\":{\"naap_refund\":\"%s\"}}"
            .formatted(charge, own),
        0,
        200);
    assertThat(Samples.balance(tenant)).startsWith("available 15.00,");
  }

  @Test
  void aRefundThatFailsGivesTheMoneyBackOnceAndMayBeAskedForAgain() throws Exception {
    String charge = checkout("k1").getString("id");
    send("evt_p" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
    String payment = payment();
    refund(payment, "25", "r1", 201);
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
    String own =
        StripeStandIn.ASKED.getLast().replaceAll("(?s).*naap_refund%5D=(pay_[0-9a-z]+).*", "$1");
    String failed =
        "{\"id\":\"re_%s\",\"amount\":2500,\"payment_intent\":\"pi_%s\",\"status\":\"failed\",\"metadata\":{\"naap_refund\":\"%s\"}}"
            .formatted(charge, charge, own);

    send("evt_f1" + charge, "refund.failed", failed, 0, 200);
    send("evt_f2" + charge, "refund.updated", failed, 0, 200);
    send("evt_f1" + charge, "refund.failed", failed, 0, 200);

    assertThat(Samples.balance(tenant)).startsWith("available 25.00,");
    refund(payment, "25", "r2", 201);
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
    refund(payment, "1", "r3", 404);
  }

  @Test
  void aRefundStripeRefusesMovesNothingAndMayBeAskedForAgain() throws Exception {
    String charge = checkout("k1").getString("id");
    send("evt_p" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
    String payment = payment();

    refund(payment, "13", "r1", 422);

    assertThat(Samples.balance(tenant)).startsWith("available 25.00,");
    int asked = StripeStandIn.ASKED.size();
    refund(payment, "13", "r1", 422);
    assertThat(StripeStandIn.ASKED).as("not sent again").hasSize(asked);
    refund(payment, "25", "r2", 201);
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
  }

  @Test
  void aRefundMadeAtStripesOwnDeskCountsToo() throws Exception {
    String charge = checkout("k1").getString("id");
    String refund =
        "{\"id\":\"re_%s\",\"amount\":2000,\"payment_intent\":\"pi_%s\",\"status\":\"succeeded\",\"metadata\":{}}"
            .formatted(charge, charge);
    send("evt_r1" + charge, "refund.created", refund, 0, 503);
    send("evt_p" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
    send("evt_r1" + charge, "refund.created", refund, 0, 200);
    send("evt_r2" + charge, "refund.updated", refund, 0, 200);

    assertThat(Samples.balance(tenant)).startsWith("available 5.00,");
    refund(payment(), "6", "r1", 404);
    refund(payment(), "5", "r2", 201);
  }

  @Test
  void eventsOfOtherProductsOnTheSameAccountAreTakenAndMeanNothing() throws Exception {
    checkout("k1");
    String foreign = "pi_foreign" + tenant;
    String[][] events = {
      {
        "refund.created",
        "{\"id\":\"re_f\",\"amount\":100,\"payment_intent\":\"%s\",\"metadata\":{}}"
      },
      {
        "refund.updated",
        "{\"id\":\"re_f\",\"amount\":100,\"payment_intent\":null,\"charge\":\"ch_1\"}"
      },
      {
        "refund.failed",
        "{\"id\":\"re_f\",\"amount\":100,\"payment_intent\":{\"id\":\"%s\"},\"status\":\"failed\"}"
      },
      {
        "charge.dispute.created",
        "{\"id\":\"dp_f\",\"amount\":100,\"payment_intent\":\"%s\",\"status\":\"lost\"}"
      },
      {"charge.dispute.closed", "{\"id\":\"dp_f\",\"amount\":100,\"status\":\"won\"}"},
      {"charge.refunded", "{\"id\":\"ch_f\",\"amount\":100,\"payment_intent\":\"%s\"}"},
      {
        "checkout.session.completed",
        "{\"id\":\"cs_f\",\"customer\":\"cus_f\",\"metadata\":{\"order\":\"7\"}}"
      },
      {"checkout.session.completed", "{\"id\":\"cs_g\",\"customer\":\"cus_f\"}"},
      {
        "payment_intent.succeeded",
        "{\"id\":\"%s\",\"currency\":\"usd\",\"amount_received\":900,\"metadata\":{}}"
      },
      {"payment_intent.payment_failed", "{\"id\":\"%s\",\"metadata\":{\"naap_charge\":\"\"}}"},
      {
        "payment_intent.succeeded",
        "{\"id\":\"%s\",\"currency\":\"usd\",\"amount_received\":900,\"metadata\":{\"naap_charge\":\"pay_elsewhere\"}}"
      },
      {"invoice.paid", "{\"id\":\"in_f\"}"},
    };
    for (int at = 0; at < events.length; at++) {
      send("evt_x" + at + tenant, events[at][0], events[at][1].formatted(foreign), 0, 200);
    }

    assertThat(Samples.balance(tenant))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.00, balance 0.00");
    assertThat(
            ledger.<Integer>read(
                tx ->
                    tx.query("select 1 from stripe_event where event_id like $1", "evt_x%" + tenant)
                        .size()))
        .isZero();
  }

  @Test
  void aDisputeThatIsLostTakesTheMoneyOnceInWhateverOrder() throws Exception {
    String charge = checkout("k1").getString("id");
    send("evt_p" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
    String dispute =
        "{\"id\":\"dp_%s\",\"amount\":2500,\"payment_intent\":\"pi_%s\",\"status\":\"%s\"}";

    send(
        "evt_w" + charge,
        "charge.dispute.created",
        dispute.formatted(charge + "w", charge, "warning_needs_response"),
        0,
        200);
    assertThat(Samples.balance(tenant)).as("an inquiry").startsWith("available 25.00,");
    send(
        "evt_3" + charge,
        "charge.dispute.closed",
        dispute.formatted(charge, charge, "lost"),
        0,
        200);
    send(
        "evt_1" + charge,
        "charge.dispute.created",
        dispute.formatted(charge, charge, "needs_response"),
        0,
        200);
    send(
        "evt_2" + charge,
        "charge.dispute.funds_withdrawn",
        dispute.formatted(charge, charge, "needs_response"),
        0,
        200);

    assertThat(Samples.balance(tenant))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.00, balance 0.00");
  }

  @Test
  void aPaymentThatFailedFirstAndOneThatFailedLateAreBothWhatTheyWereInTheEnd() throws Exception {
    String charge = checkout("k1").getString("id");
    String failed =
        "{\"id\":\"pi_%s\",\"metadata\":{\"naap_charge\":\"%s\"}}".formatted(charge, charge);

    send("evt_f" + charge, "payment_intent.payment_failed", failed, 0, 200);
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
    assertThat(status(charge)).isEqualTo("failed");
    send("evt_p" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
    send("evt_g" + charge, "payment_intent.payment_failed", failed, 0, 200);

    assertThat(Samples.balance(tenant)).startsWith("available 25.00,");
    assertThat(status(charge)).isEqualTo("paid");
  }

  @Test
  void theSameEventFromManyConnectionsAtOnceIsTakenOnce() throws Exception {
    String charge = checkout("k1").getString("id");
    try (java.util.concurrent.ExecutorService many =
        java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      java.util.List<java.util.concurrent.Future<?>> sent = new java.util.ArrayList<>();
      for (int at = 0; at < 8; at++) {
        sent.add(
            many.submit(
                () -> {
                  send("evt_p" + charge, "payment_intent.succeeded", intent(charge), 0, 200);
                  return null;
                }));
      }
      for (java.util.concurrent.Future<?> one : sent) {
        one.get();
      }
    }
    assertThat(Samples.balance(tenant)).startsWith("available 25.00,");
  }

  @Test
  void topsUpFromTheSavedCardOnceAnEvent() throws Exception {
    saveCard("pm_1");
    String wanted = wanted();
    for (int again = 0; again < 3; again++) {
      redis.stream(String.class).xadd(Topics.TOP_UPS, Map.of(Topics.FIELD, wanted));
    }

    Samples.await("topped up", () -> Samples.balance(tenant).startsWith("available 32.50,"));
  }

  @Test
  void aTopUpThatIsDeclinedOrNeedsItsOwnerMovesNothingAndIsNotTriedForEver() throws Exception {
    for (String card : new String[] {"pm_declined", "pm_authenticate", "pm_action"}) {
      saveCard(card);
      TopUpWanted wanted =
          new TopUpWanted(Samples.id(IdKind.EVENT), Instant.now(), tenant, NanoUsd.parse("7.50"));

      redis.stream(String.class).xadd(Topics.TOP_UPS, Map.of(Topics.FIELD, Json.write(wanted)));

      Samples.await(card, () -> "failed".equals(status(wanted.eventId())));
    }
    assertThat(Samples.balance(tenant)).startsWith("available 75.00,");
    assertThat(metric("declined")).isPositive();
    assertThat(metric("requires_action")).isGreaterThanOrEqualTo(2);
  }

  /** The owner confirms later what the card asked for: Stripe tells, and it is booked then. */
  @Test
  void aTopUpThatIsConfirmedLaterIsBookedByItsEvent() throws Exception {
    saveCard("pm_action");
    TopUpWanted wanted =
        new TopUpWanted(Samples.id(IdKind.EVENT), Instant.now(), tenant, NanoUsd.parse("7.50"));
    redis.stream(String.class).xadd(Topics.TOP_UPS, Map.of(Topics.FIELD, Json.write(wanted)));
    Samples.await("not paid", () -> "failed".equals(status(wanted.eventId())));

    send(
        "evt_l" + wanted.eventId(),
        "payment_intent.succeeded",
        intent(wanted.eventId()).replace("2500", "750"),
        0,
        200);

    assertThat(Samples.balance(tenant)).startsWith("available 32.50,");
  }

  @Test
  void aTopUpThatIsNotNeededAnyMoreChargesNoCard() throws Exception {
    saveCard("pm_good" + tenant);
    int asked = StripeStandIn.ASKED.size();
    double before = metric("not_needed");
    redis.stream(String.class)
        .xadd(
            Topics.TOP_UPS,
            Map.of(
                Topics.FIELD,
                Json.write(
                    new TopUpWanted(
                        Samples.id(IdKind.EVENT),
                        Instant.now(),
                        tenant,
                        NanoUsd.parse("7.50"),
                        java.util.Optional.of(NanoUsd.parse("25"))))));

    Samples.await("it was looked at", () -> metric("not_needed") > before);
    assertThat(StripeStandIn.ASKED).hasSize(asked);
    assertThat(Samples.balance(tenant)).startsWith("available 25.00,");
  }

  private String wanted() {
    return Json.write(
        new TopUpWanted(Samples.id(IdKind.EVENT), Instant.now(), tenant, NanoUsd.parse("7.50")));
  }

  private void saveCard(String card) throws GeneralSecurityException {
    String charge = checkout(card).getString("id");
    send(
        "evt_p" + charge,
        "payment_intent.succeeded",
        intent(charge)
            .replace(
                "\"currency\"",
                "\"customer\":\"cus_"
                    + tenant
                    + "\",\"payment_method\":\""
                    + card
                    + "\",\"setup_future_usage\":\"off_session\",\"currency\""),
        0,
        200);
  }

  private String payment() {
    return given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.BILLING))
        .get("/v1/payments")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath()
        .getString("data.find { it.reason == 'paid by card' }.id");
  }

  private String status(String charge) {
    return ledger.read(
        tx ->
            tx.one("select status from stripe_charge where id = $1", charge)
                .map(row -> row.getString("status"))
                .orElse("unknown"));
  }

  private int metric(String result) {
    return (int) registry.counter("clearinghouse_top_ups_total", "result", result).count();
  }

  private JsonPath checkout(String key) {
    return given()
        .auth()
        .oauth2(owner)
        .header("Idempotency-Key", key + tenant)
        .contentType("application/json")
        .body(
            """
            {"amount":{"amount":"25","currency":"USD"},"save_card":true,
             "success_url":"https://app.example/ok","cancel_url":"https://app.example/no"}""")
        .post("/v1/payments/checkout")
        .then()
        .statusCode(201)
        .extract()
        .jsonPath();
  }

  private static void refund(String payment, String dollars, String key, int status) {
    given()
        .auth()
        .oauth2(OPERATOR)
        .header("Idempotency-Key", key + payment)
        .contentType("application/json")
        .body("{\"amount\":{\"amount\":\"" + dollars + "\",\"currency\":\"USD\"}}")
        .post("/v1/payments/" + payment + "/refunds")
        .then()
        .statusCode(status);
  }

  private static final String OPERATOR = Samples.operator();

  private static String intent(String charge) {
    return "{\"id\":\"pi_%s\",\"currency\":\"usd\",\"amount_received\":2500,\"metadata\":{\"naap_charge\":\"%s\"}}"
        .formatted(charge, charge);
  }

  private static String event(String id, String type, String object) {
    return "{\"id\":\"%s\",\"type\":\"%s\",\"data\":{\"object\":%s}}".formatted(id, type, object);
  }

  private static String signature(long at, String body) throws GeneralSecurityException {
    return "t="
        + at
        + ",v1="
        + Webhook.Util.computeHmacSha256(StripeStandIn.WEBHOOK_SECRET, at + "." + body);
  }

  private static void send(String id, String type, String object, long age, int status)
      throws GeneralSecurityException {
    String body = event(id, type, object);
    given()
        .contentType("application/json")
        .header("Stripe-Signature", signature(Instant.now().getEpochSecond() - age, body))
        .body(body)
        .post("/hooks/stripe")
        .then()
        .statusCode(status);
  }

  @Test
  void withoutABodyItSaysWhatToSend() {
    given()
        .contentType("application/json")
        .post("/hooks/stripe")
        .then()
        .statusCode(400)
        .body("code", equalTo("not_signed"));
  }
}
