package io.naap.clearinghouse.signer;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import io.micrometer.core.instrument.MeterRegistry;
import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.signer.tickets.SessionHolds;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.Subject;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(SignerParts.class)
class SignerMoneyTest {
  /** At 1200 wei a pixel: ten tickets of 10^12 wei. */
  private static final long TEN_TICKETS = 8_333_333_333L;

  @Inject MeterRegistry meters;
  @Inject RemoteSigner signer;
  @Inject Transactions transactions;
  @Inject SessionHolds holds;
  private final Orchestrator orchestrator = new Orchestrator();

  @BeforeEach
  void theChainHasBeenLookedAt() {
    Samples.await("paid", () -> pay(new Orchestrator().first()).extract().statusCode() == 200);
  }

  @Test
  void answersTheSameRequestAgainWithTheSameBytesAndNoNewTickets() {
    JsonPath first = pay(orchestrator.first()).statusCode(200).extract().jsonPath();
    String body = orchestrator.next(first);
    String answer = pay(body).statusCode(200).extract().asString();
    long before = tickets(orchestrator);

    assertThat(pay(body).statusCode(200).extract().asString()).isEqualTo(answer);

    assertThat(tickets(orchestrator)).isEqualTo(before);
    pay(orchestrator.next(JsonPath.from(answer))).statusCode(482);
    assertThat(pay(body).statusCode(200).extract().asString()).isEqualTo(answer);
  }

  @Test
  void answersALostStateOnlyUntilTheSessionHasGoneOn() {
    JsonPath first = pay(orchestrator.pixels(TEN_TICKETS)).statusCode(200).extract().jsonPath();
    String second = orchestrator.pixels(TEN_TICKETS, first);
    JsonPath two = pay(second).statusCode(200).extract().jsonPath();
    pay(orchestrator.pixels(TEN_TICKETS, two)).statusCode(200);

    pay(second).statusCode(400).body("error.message", equalTo("the state was used before"));
  }

  @Test
  void ofManyForksOfAFewStatesEachHasOneSuccessor() throws Exception {
    for (int state = 0; state < 5; state++) {
      Orchestrator one = new Orchestrator();
      JsonPath first = pay(one.pixels(TEN_TICKETS)).statusCode(200).extract().jsonPath();
      long before = tickets(one);
      List<Future<String>> forks = new ArrayList<>();
      try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int fork = 0; fork < 20; fork++) {
          String body = one.pixels(TEN_TICKETS + fork, first);
          forks.add(
              many.submit(
                  () -> pay(body).statusCode(200).extract().jsonPath().getString("payment")));
        }
      }
      Set<String> successors = new HashSet<>();
      for (Future<String> fork : forks) {
        successors.add(fork.get());
      }
      assertThat(successors).hasSize(1);
      assertThat(tickets(one) - before).isBetween(9L, 11L);
    }
  }

  @Test
  void stopsASessionAtItsBudget() {
    JsonPath last = pay(orchestrator.pixels(TEN_TICKETS)).statusCode(200).extract().jsonPath();
    BigInteger cap = new BigInteger("120000000000000");
    int status = 200;
    while (status == 200) {
      ValidatableResponse answer = pay(orchestrator.pixels(TEN_TICKETS, last));
      status = answer.extract().statusCode();
      if (status == 200) {
        last = answer.extract().jsonPath();
      }
    }

    assertThat(status).isEqualTo(429);
    assertThat(spent(orchestrator)).isBetween(new BigInteger("110000000000000"), cap);
  }

  @Test
  void aTenantsStreamsNeverSpendMoreThanItHas() throws Exception {
    String tenant = Samples.tenant();
    // Ten tickets at 2500 dollars an ether are 0.025 dollars; there is money for ten such payments.
    Samples.credit(tenant, "0.251");
    String token = issue(tenant).getString("token");
    List<Future<Integer>> streams = new ArrayList<>();

    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int stream = 0; stream < 100; stream++) {
        streams.add(
            many.submit(
                () -> pay(token, new Orchestrator().pixels(TEN_TICKETS)).extract().statusCode()));
      }
    }

    int paid = 0;
    for (Future<Integer> stream : streams) {
      assertThat(stream.get()).isIn(200, 402);
      paid += stream.get() == 200 ? 1 : 0;
    }
    assertThat(paid).isBetween(4, 10);
    holds.release(Instant.now().plusSeconds(5));
    BigInteger charged = charged(tenant);
    assertThat(Samples.balance(tenant))
        .startsWith(
            "available "
                + io.naap.contracts.money.NanoUsd.ofNanos(251_000_000L - charged.longValueExact()));
    assertThat(charged).isLessThanOrEqualTo(BigInteger.valueOf(251_000_000));
  }

  @Test
  void giveBackWhatAQuietSessionHolds() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "1");
    String token = issue(tenant).getString("token");
    pay(token, orchestrator.pixels(TEN_TICKETS)).statusCode(200);
    assertThat(Samples.balance(tenant)).startsWith("available 0.95,");

    holds.release(Instant.now().plusSeconds(5));

    assertThat(Samples.balance(tenant)).startsWith("available 0.97");
  }

  @Test
  void withoutMoneyNothingIsSigned() {
    String token = issue(Samples.tenant()).getString("token");

    pay(token, orchestrator.first()).statusCode(402);

    assertThat(tickets(orchestrator)).isZero();
  }

  @Test
  void knowsAnIssuedTokenInEveryShapeUntilItIsRevoked() {
    String tenant = Samples.tenant();
    JsonPath issued = issue(tenant);
    String token = issued.getString("token");
    String bundle =
        new String(
            Base64.getDecoder().decode(issued.getString("sdk_token")), StandardCharsets.UTF_8);
    assertThat(JsonPath.from(bundle).getString("signer")).isEqualTo("https://signer.example");
    assertThat(JsonPath.from(bundle).getString("signer_headers.Authorization"))
        .isEqualTo("Bearer " + token);
    for (String authorization :
        List.of(
            "Bearer " + token,
            "Basic " + base64(":" + token),
            "Bearer " + issued.getString("sdk_token"))) {
      given()
          .port(signer.port())
          .header("Authorization", authorization)
          .post("/sign-orchestrator-info")
          .then()
          .statusCode(200);
    }
    given()
        .auth()
        .oauth2(Tokens.of(Samples.tenant(), Role.OWNER))
        .delete("/v1/payments/signer-tokens/" + issued.getString("id"))
        .then()
        .statusCode(404);

    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.OWNER))
        .delete("/v1/payments/signer-tokens/" + issued.getString("id"))
        .then()
        .statusCode(204);

    given()
        .port(signer.port())
        .header("Authorization", "Bearer " + token)
        .post("/sign-orchestrator-info")
        .then()
        .statusCode(401);
  }

  @Test
  void tellsEachTierOfItsOwnOrchestrators() {
    discover(SignerParts.GATEWAY_TOKEN, "")
        .body("address", equalTo(List.of("https://a.example:8935", "https://b.example:8935")))
        .body("[0].score", equalTo(1));
    discover(SignerParts.GATEWAY_TOKEN, "?caps=live-video-to-video/streamdiffusion")
        .body("$", hasSize(2));
    discover(SignerParts.GATEWAY_TOKEN, "?caps=llm/none").body("$", hasSize(1));
    discover(SignerParts.TENANT_TOKEN, "")
        .body("address", equalTo(List.of("https://c.example:8935")));
  }

  @Test
  void theFirstPaymentToAnOrchestratorTakesOneTripAsAllOthersDo() {
    pay(orchestrator.first()).statusCode(200);
    double before = lookedAtOneByOne();

    pay(new Orchestrator().first()).statusCode(200);

    assertThat(lookedAtOneByOne()).isEqualTo(before);
  }

  private double lookedAtOneByOne() {
    return meters.find("clearinghouse_signer_group").tag("way", "checked").summaries().stream()
        .mapToDouble(summary -> summary.count())
        .sum();
  }

  @Test
  void tellsNobodyOfOrchestratorsThatAreKnownToBeDearerThanTheirTierPays() {
    String caller = "thrifty-1-token-0123456789";
    String other = "thrifty-2-token-0123456789";
    discover(caller, "")
        .body(
            "address",
            equalTo(
                List.of(
                    "https://orch.example:8935",
                    "https://even.example:8935",
                    "https://both.example:8935")))
        .body("[2].capabilities", equalTo(List.of("llm/cheap")));
    discover(caller, "?caps=llm/dear")
        .body(
            "address", equalTo(List.of("https://orch.example:8935", "https://even.example:8935")));

    // Twelve hundred wei: refused, and from now on this caller knows.
    pay(caller, orchestrator.first()).statusCode(481);

    discover(caller, "")
        .body(
            "address", equalTo(List.of("https://even.example:8935", "https://both.example:8935")));
    discover(other, "").body("$", hasSize(3));

    // It asks for less.
    orchestrator.price = 900;
    pay(caller, orchestrator.first()).statusCode(200);
    discover(caller, "").body("$", hasSize(3));
  }

  @Test
  void paysOnlyOrchestratorsTheChainKnowsAndOnlyThemselves() {
    orchestrator.recipient = new Orchestrator().address;
    pay(orchestrator.first()).statusCode(403);
    orchestrator.address = HexFormat.of().parseHex(SignerParts.UNREGISTERED.substring(2));
    orchestrator.recipient = orchestrator.address;
    pay(orchestrator.first())
        .statusCode(403)
        .body("error.message", startsWith("the orchestrator is not registered"));
    assertThat(tickets(orchestrator)).isZero();
  }

  @Test
  void aStopHoldsAtOnceForWhomItNames() {
    JsonPath first = pay(orchestrator.first()).statusCode(200).extract().jsonPath();
    String body = orchestrator.next(first);
    pay(body).statusCode(200);
    for (String stop :
        List.of(
            "\"scope\":\"platform\"",
            "\"scope\":\"caller\",\"subject\":\"gateway-a\"",
            "\"scope\":\"orchestrator\",\"subject\":\""
                + orchestrator.hex().toUpperCase(java.util.Locale.ROOT).replace("0X", "0x")
                + "\"")) {
      given()
          .auth()
          .oauth2(Samples.operator())
          .contentType("application/json")
          .body("{" + stop + ",\"reason\":\"a test\"}")
          .post("/v1/treasury/stops")
          .then()
          .statusCode(204);
      long before = tickets(orchestrator);

      pay(orchestrator.first()).statusCode(403);
      pay(body).statusCode(403);

      assertThat(tickets(orchestrator)).isEqualTo(before);
      JsonPath parts = JsonPath.from("{" + stop + "}");
      String subject = parts.getString("subject");
      given()
          .auth()
          .oauth2(Samples.operator())
          .queryParam("scope", parts.getString("scope"))
          .queryParam("subject", subject == null ? "" : subject)
          .delete("/v1/treasury/stops")
          .then()
          .statusCode(204);
    }
    pay(orchestrator.first()).statusCode(200);
  }

  @Test
  void aSuspendedTenantIsSoldNoTicketsByEitherSigner() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "1");
    String token = issue(tenant).getString("token");
    pay(token, orchestrator.first()).statusCode(200);
    String state =
        """
        {"StateID":"%s","OrchestratorAddress":"%s","Type":"live","SequenceNumber":0,
         "InitialPricePerUnit":2000000000000,"InitialPixelsPerUnit":1,"LastUpdate":"2026-11-25T00:00:00Z"}"""
            .formatted(Samples.tenant(), orchestrator.hex());

    Tokens.refuse(Subject.tenant(tenant));
    Samples.await("refused", () -> pay(token, orchestrator.first()).extract().statusCode() == 403);

    discoverStatus(token, 403);
    given()
        .port(signer.port())
        .header("Authorization", "Bearer " + token)
        .body("{}")
        .post("/sign-orchestrator-info")
        .then()
        .statusCode(403)
        .body("error.message", equalTo("the tenant is suspended"));
    assertThat(ask(token, state).getInt("status")).isEqualTo(403);
    assertThat(ask(token, state).getString("reason")).isEqualTo("the tenant is suspended");
  }

  private void discoverStatus(String token, int status) {
    given()
        .port(signer.port())
        .header("Authorization", "Bearer " + token)
        .get("/discover-orchestrators")
        .then()
        .statusCode(status);
  }

  @Test
  void aRevokedTokenIsSoldNoTickets() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "1");
    JsonPath issued = issue(tenant);
    String token = issued.getString("token");
    pay(token, orchestrator.first()).statusCode(200);

    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.OWNER))
        .delete("/v1/payments/signer-tokens/" + issued.getString("id"))
        .then()
        .statusCode(204);

    pay(token, orchestrator.first()).statusCode(401);
  }

  @Test
  void letsAStockSignerSignWhatATenantCanPay() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "0.1");
    String token = issue(tenant).getString("token");
    String state =
        """
        {"StateID":"%s","OrchestratorAddress":"%s","Type":"live","SequenceNumber":%d,
         "InitialPricePerUnit":2000000000000,"InitialPixelsPerUnit":1,"LastUpdate":"2026-11-25T00:00:00Z"}""";
    String id = Samples.tenant();

    // Ten seconds at 2 * 10^12 wei are 0.05 dollars.
    JsonPath allowed = ask(token, state.formatted(id, orchestrator.hex(), 0));
    assertThat(allowed.getInt("status")).isEqualTo(200);
    assertThat(allowed.getLong("expiry")).isZero();
    assertThat(allowed.getString("auth_id")).isEqualTo(tenant + ":" + id);
    assertThat(ask(token, state.formatted(id, orchestrator.hex(), 0)).getInt("status"))
        .isEqualTo(200);
    assertThat(Samples.balance(tenant)).startsWith("available 0.05,");
    assertThat(ask(token, state.formatted(id + "b", orchestrator.hex(), 0)).getInt("status"))
        .isEqualTo(200);
    assertThat(ask(token, state.formatted(id + "c", orchestrator.hex(), 0)).getInt("status"))
        .isEqualTo(402);
    assertThat(ask("wrong", state.formatted(id, orchestrator.hex(), 1)).getInt("status"))
        .isEqualTo(401);
    assertThat(ask(token, "{}").getInt("status")).isEqualTo(400);
    given()
        .contentType("application/json")
        .body("{}")
        .post("/hooks/livepeer-signer")
        .then()
        .statusCode(401);
  }

  private static JsonPath ask(String token, String state) {
    return given()
        .header("Livepeer-Clearinghouse-Token", SignerParts.WEBHOOK_SECRET)
        .contentType("application/json")
        .body(
            "{\"headers\":{\"Authorization\":[\"Bearer " + token + "\"]},\"state\":" + state + "}")
        .post("/hooks/livepeer-signer")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private ValidatableResponse discover(String token, String query) {
    return given()
        .port(signer.port())
        .header("Authorization", "Bearer " + token)
        .get("/discover-orchestrators" + query)
        .then()
        .statusCode(200);
  }

  private static JsonPath issue(String tenant) {
    return given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.DEVELOPER))
        .contentType("application/json")
        .body("{\"name\":\"a program\"}")
        .post("/v1/payments/signer-tokens")
        .then()
        .statusCode(201)
        .extract()
        .jsonPath();
  }

  private ValidatableResponse pay(String body) {
    return pay(SignerParts.GATEWAY_TOKEN, body);
  }

  private ValidatableResponse pay(String token, String body) {
    return given()
        .port(signer.port())
        .header("Authorization", "Bearer " + token)
        .contentType("application/json")
        .body(body)
        .post("/generate-live-payment")
        .then();
  }

  private long tickets(Orchestrator of) {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select coalesce(sum(tickets), 0) n from ticket_batch where orchestrator = $1",
                    of.hex()))
        .orElseThrow()
        .getLong("n");
  }

  private BigInteger spent(Orchestrator of) {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select sum(expected_value) n from ticket_batch where orchestrator = $1",
                    of.hex()))
        .orElseThrow()
        .getBigDecimal("n")
        .toBigIntegerExact();
  }

  private BigInteger charged(String tenant) {
    return transactions
        .run(tx -> tx.one("select sum(charged) n from ticket_batch where tenant_id = $1", tenant))
        .orElseThrow()
        .getBigDecimal("n")
        .toBigIntegerExact();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
