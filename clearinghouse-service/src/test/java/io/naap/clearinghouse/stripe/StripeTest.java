package io.naap.clearinghouse.stripe;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.stripe.net.Webhook;
import io.naap.clearinghouse.Samples;
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
  void topsUpFromTheSavedCardOnceAnEvent() throws Exception {
    String charge = checkout("k1").getString("id");
    send(
        "evt_p" + charge,
        "payment_intent.succeeded",
        intent(charge)
            .replace(
                "\"currency\"",
                "\"customer\":\"cus_"
                    + charge
                    + "\",\"payment_method\":\"pm_1\",\"setup_future_usage\":\"off_session\",\"currency\""),
        0,
        200);
    String wanted =
        Json.write(
            new TopUpWanted(
                Samples.id(IdKind.EVENT), Instant.now(), tenant, NanoUsd.parse("7.50")));
    for (int again = 0; again < 3; again++) {
      redis.stream(String.class).xadd(Topics.TOP_UPS, Map.of(Topics.FIELD, wanted));
    }

    Samples.await("topped up", () -> Samples.balance(tenant).startsWith("available 32.50,"));
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
        .body("code", equalTo("not_an_event"));
  }
}
