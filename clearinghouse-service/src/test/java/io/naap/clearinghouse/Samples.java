package io.naap.clearinghouse;

import static io.restassured.RestAssured.given;

import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Tokens;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What the tests of this service share. */
public final class Samples {
  private static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());

  private Samples() {}

  public static String tenant() {
    return IDS.next(IdKind.TENANT);
  }

  public static String id(IdKind kind) {
    return IDS.next(kind);
  }

  public static String operator() {
    return Tokens.of(tenant(), Role.OPERATOR);
  }

  public static void credit(String tenantId, String dollars) {
    given()
        .auth()
        .oauth2(operator())
        .header("Idempotency-Key", IDS.next(IdKind.EVENT))
        .contentType(ContentType.JSON)
        .body(creditBody(tenantId, dollars))
        .post("/v1/payments/credits")
        .then()
        .statusCode(201);
  }

  public static String creditBody(String tenantId, String dollars) {
    return """
    {"tenant_id":"%s","amount":{"amount":"%s","currency":"USD"},"reason":"a test"}\
    """
        .formatted(tenantId, dollars);
  }

  public static ValidatableResponse fund(String tenant, String epoch, String seen, String wanted) {
    return given()
        .auth()
        .oauth2(Tokens.service("router"))
        .contentType(ContentType.JSON)
        .body(
            """
            {"tenant_id":"%s","epoch":"%s","seen":{"amount":"%s","currency":"USD"},
             "wanted":{"amount":"%s","currency":"USD"}}\
            """
                .formatted(tenant, epoch, seen, wanted))
        .post("/internal/funds")
        .then();
  }

  /** Available, set aside, owed, in words. */
  public static String balance(String tenantId) {
    JsonPath json =
        given()
            .auth()
            .oauth2(Tokens.of(tenantId, Role.VIEWER))
            .get("/v1/balance")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath();
    return "available %s, set aside %s, owed %s, balance %s"
        .formatted(
            json.getString("available.amount"),
            json.getString("set_aside.amount"),
            json.getString("owed.amount"),
            json.getString("balance.amount"));
  }

  public static ChargeRated charge(String tenantId, String dollars, String fundingId) {
    return charge(tenantId, dollars, fundingId, "text-to-image", "gateway-a", 0);
  }

  public static ChargeRated charge(
      String tenantId,
      String dollars,
      String fundingId,
      String capability,
      String gateway,
      long milliseconds) {
    String request = IDS.next(IdKind.REQUEST);
    return new ChargeRated(
        new ChargeRated.Source(
            IDS.next(IdKind.EVENT), request + "-0", request, Instant.now(), Instant.now()),
        new ChargeRated.Job(
            tenantId,
            IDS.next(IdKind.KEY),
            capability,
            "some/model",
            "default",
            gateway,
            Units.of(Unit.REQUESTS, 1).with(Unit.MILLISECONDS, milliseconds)),
        new ChargeRated.Price(
            "pln_x@1",
            Optional.ofNullable(fundingId),
            NanoUsd.parse(dollars),
            Optional.empty(),
            Optional.empty()));
  }

  public static void await(String what, BooleanSupplier condition) {
    Instant end = Instant.now().plus(Duration.ofSeconds(30));
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("not within 30 seconds: " + what);
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new AssertionError(stopped);
      }
    }
  }

  /** Where a tenant sends USDC, as the platform says. */
  public static String usdcAddress(String tenant) {
    return given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.BILLING))
        .get("/v1/payments/usdc-address")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath()
        .getString("address");
  }
}
