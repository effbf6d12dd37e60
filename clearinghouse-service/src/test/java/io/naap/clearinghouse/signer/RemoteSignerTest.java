package io.naap.clearinghouse.signer;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.signer.protocol.Ticket;
import io.naap.clearinghouse.wallet.TestWallet;
import io.naap.contracts.events.Topics;
import io.naap.contracts.json.Json;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(SignerParts.class)
class RemoteSignerTest {
  private static final BigInteger FACE_VALUE = Orchestrator.FACE_VALUE;
  private static final BigInteger WIN_PROB = Orchestrator.WIN_PROB;
  private static final BigInteger TICKET = new BigInteger("1000000000000");

  @Inject RemoteSigner signer;
  @Inject Transactions transactions;
  @Inject RedisDataSource redis;
  private Orchestrator orchestrator;

  @BeforeEach
  void freshOrchestrator() {
    orchestrator = new Orchestrator();
    // The chain has been looked at once.
    Samples.await("paid", () -> pay(new Orchestrator().first()).extract().statusCode() == 200);
  }

  @Test
  void refusesAnonymousCallersOnEveryEndpoint() {
    for (String authorization :
        List.of(
            "",
            "Bearer wrong",
            "Basic %%",
            "Basic " + base64("gateway-a:wrong"),
            "Basic " + base64("sdk:" + SignerParts.GATEWAY_TOKEN),
            SignerParts.GATEWAY_TOKEN)) {
      RequestSpecification caller =
          given().port(signer.port()).header("Authorization", authorization);
      caller.post("/sign-orchestrator-info").then().statusCode(401);
      caller.body(orchestrator.first()).post("/generate-live-payment").then().statusCode(401);
      given().port(signer.port()).get("/discover-orchestrators").then().statusCode(401);
    }
    assertThat(tickets()).isZero();
  }

  @Test
  void signsTheOrchestratorInfoForBearersAndBasicCallers() {
    for (String authorization :
        List.of(
            "Bearer " + SignerParts.GATEWAY_TOKEN,
            "Basic " + base64("gateway-a:" + SignerParts.GATEWAY_TOKEN))) {
      given()
          .port(signer.port())
          .header("Authorization", authorization)
          .body("{}")
          .post("/sign-orchestrator-info")
          .then()
          .statusCode(200)
          .body("address", equalTo("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"))
          .body(
              "signature",
              equalTo(
                  "0x47d66008c2c5b0671b8e7b43b62245ae9c4ba5f6ff7e94328b68eb45090cb108"
                      + "0815dec67a20bdec15ce794c9ce271fa8e6552d6b0976ab7a0b92d5516b32ef31c"));
    }
  }

  @Test
  void paysTheFirstMinuteAndRecordsEveryNonceAndWei() throws IOException {
    JsonPath paid = pay(orchestrator.first()).statusCode(200).extract().jsonPath();

    List<ByteString> signatures = signatures(paid.getString("payment"));
    assertThat(signatures).hasSize(2);
    for (int at = 0; at < 2; at++) {
      Ticket ticket =
          new Ticket(
              ByteString.copyFrom(orchestrator.address),
              TestWallet.hardhat0().address().bytes(),
              FACE_VALUE,
              WIN_PROB,
              at + 1L,
              ByteString.copyFrom(orchestrator.randHash),
              SignerParts.ROUND,
              ByteString.copyFrom(java.util.HexFormat.of().parseHex("ab".repeat(32))));
      assertThat(TestWallet.hardhat0().signed(ticket.hash(), signatures.get(at))).isTrue();
    }
    assertThat(tickets()).isEqualTo(2);
    assertThat(spent()).isEqualTo(TICKET.multiply(BigInteger.TWO));
    Samples.await("booked", this::booked);
    assertThat(
            transactions
                .run(
                    tx ->
                        tx.one(
                            "select (select sum(balance) from account where kind = 'network_spent')"
                                + " = (select sum(expected_value) from ticket_batch b"
                                + " where not exists (select 1 from ticket_unbooked u"
                                + " where u.batch_id = b.id)) same"))
                .orElseThrow()
                .getBoolean("same"))
        .isTrue();
    assertThat(state(paid)).contains("\"Balance\":\"", "\"SequenceNumber\":0", "\"SenderNonce\":2");
  }

  @Test
  void continuesASessionAndPaysNothingMoreForItsOldState() {
    // Two tickets and one more leave 43 seconds of streaming beyond what must be paid ahead.
    orchestrator.price = 700;
    JsonPath first = pay(orchestrator.first()).statusCode(200).extract().jsonPath();

    JsonPath second = pay(orchestrator.next(first)).statusCode(200).extract().jsonPath();

    assertThat(state(second)).contains("\"SequenceNumber\":1", "\"SenderNonce\":3");
    long before = tickets();
    assertThat(before).isEqualTo(3);
    JsonPath again =
        pay(orchestrator.next(first).replace("\"m\"", "\"other\""))
            .statusCode(200)
            .extract()
            .jsonPath();
    assertThat(again.getString("payment")).isEqualTo(second.getString("payment"));
    assertThat(state(again)).isEqualTo(state(second));
    pay(orchestrator.next(second)).statusCode(482);
    assertThat(tickets()).isEqualTo(before);
  }

  @Test
  void aLostAnswerIsGivenAgainToWhoeverAsksWithFreshParameters() {
    JsonPath first = pay(orchestrator.first()).statusCode(200).extract().jsonPath();
    JsonPath lost = pay(orchestrator.next(first)).statusCode(200).extract().jsonPath();
    long before = tickets();

    orchestrator.randHash = new Orchestrator().randHash;
    orchestrator.tokenExpiration += 60;
    JsonPath again = pay(orchestrator.next(first)).statusCode(200).extract().jsonPath();

    assertThat(again.getString("payment")).isEqualTo(lost.getString("payment"));
    assertThat(again.getString("state.State")).isEqualTo(lost.getString("state.State"));
    assertThat(tickets()).isEqualTo(before);
  }

  @Test
  void manyForksOfOneStateGetOneAndTheSamePayment() throws Exception {
    JsonPath first = pay(orchestrator.first()).statusCode(200).extract().jsonPath();
    List<Future<String>> forks = new ArrayList<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < 16; at++) {
        String fork = orchestrator.next(first).replace("\"m\"", "\"m" + at % 4 + "\"");
        forks.add(
            many.submit(() -> pay(fork).statusCode(200).extract().jsonPath().getString("payment")));
      }
    }

    Set<String> payments = new HashSet<>();
    for (Future<String> fork : forks) {
      payments.add(fork.get());
    }
    assertThat(payments).hasSize(1);
    assertThat(tickets()).isEqualTo(3);
  }

  @Test
  void beginsANewSessionForAnotherOrchestrator() {
    JsonPath first = pay(orchestrator.first()).statusCode(200).extract().jsonPath();
    orchestrator = new Orchestrator();

    JsonPath other =
        pay(orchestrator.next(first).replace("\"manifestid\":\"m\",", ""))
            .statusCode(200)
            .extract()
            .jsonPath();

    assertThat(state(other)).contains("\"SequenceNumber\":0", "\"SenderNonce\":2");
  }

  @Test
  void neverGivesANonceTwiceUnderOneHash() {
    pay(orchestrator.first()).statusCode(200);
    JsonPath second = pay(orchestrator.first()).statusCode(200).extract().jsonPath();

    assertThat(state(second)).contains("\"SenderNonce\":4");
    assertThat(tickets()).isEqualTo(4);
  }

  @Test
  void asksForFreshParametersBeforeTheNoncesRunOut() {
    orchestrator.winProb = WIN_PROB.divide(BigInteger.valueOf(50));
    for (int call = 0; call < 6; call++) {
      pay(orchestrator.first()).statusCode(200);
    }
    assertThat(tickets()).isEqualTo(600);

    pay(orchestrator.first())
        .statusCode(480)
        .header("Livepeer-Orchestrator-URL", "https://orch.example:8935");
    assertThat(tickets()).isEqualTo(600);
  }

  @Test
  void refusesWithGoLivepeersStatuses() {
    refuses(400, "missing orchestrator", () -> "{}");
    refuses(400, "the body is not JSON", () -> "{");
    refuses(400, "proto: ", () -> "{\"orchestrator\":\"" + base64("\u0001\u0001") + "\"}");
    refuses(400, "missing or zero priceInfo", () -> with(o -> o.price = 0));
    refuses(400, "missing or zero priceInfo", () -> with(o -> o.price = -5));
    refuses(
        400,
        "invalid sig",
        () -> orchestrator.first().replace("\"State\":null", "\"State\":\"e30=\""));
    refuses(400, "remote signer could not check", () -> with(o -> o.token = false));
    refuses(
        480,
        "refresh session",
        () -> with(o -> o.tokenExpiration = Instant.now().getEpochSecond() + 170));
    refuses(480, "refresh session", () -> with(o -> o.expirationBlock = SignerParts.L1_BLOCK + 1));
    refuses(400, "remote signer could not check", () -> with(o -> o.expirationBlock = 0));
    refuses(400, "remote signer could not check", () -> with(o -> o.winProb = Ticket.MAX_WIN_PROB));
    refuses(
        400,
        "remote signer could not check",
        () -> with(o -> o.winProb = WIN_PROB.multiply(BigInteger.TEN)));
    refuses(
        400,
        "remote signer could not check",
        () -> with(o -> o.faceValue = BigInteger.TEN.pow(19)));
    refuses(400, "ticketParams are malformed", () -> with(o -> o.randHash = new byte[31]));
    refuses(400, "ticketParams are malformed", () -> with(o -> o.address = new byte[19]));
    refuses(400, "invalid job type", () -> orchestrator.first().replace("lv2v", "other"));
    refuses(400, "missing billable unit", () -> orchestrator.first().replace("lv2v", ""));
    refuses(
        400,
        "maxPrice",
        () ->
            orchestrator
                .first()
                .replace(
                    "{\"orch",
                    "{\"maxPrice\":{\"price\":-1,\"currency\":\"wei\",\"unit\":\"720p-pixel-seconds\"},\"orch"));
    refuses(
        481,
        "orchestrator price 1200.000 exceeds request ceiling 1199.500",
        () ->
            orchestrator
                .first()
                .replace(
                    "{\"orch",
                    "{\"maxPrice\":{\"price\":\"1199.5\",\"currency\":\"wei\",\"unit\":\"720p-pixel-seconds\"},\"orch"));
    refuses(482, "no tickets", () -> with(o -> o.winProb = BigInteger.ZERO));
    refuses(
        400,
        "numTickets 101 exceeds maximum of 100",
        () -> with(o -> o.winProb = WIN_PROB.divide(BigInteger.valueOf(50)), o -> o.price = 1210));
    refuses(400, "total ticket EV", () -> with(o -> o.price = 13_000));
  }

  @Test
  void refusesAModelAboveItsOwnCeilingAndPaysTheSamePriceForAnother() {
    refuses(
        481,
        "orchestrator price 1200.000 exceeds configured ceiling 1000.000",
        () -> needing("2a10120e0823120a0a080a04646561721200"));
    pay(needing("2a10120e0823120a0a080a046f7468721200")).statusCode(200);
  }

  /** A live job that needs the model of such capabilities, in hex. */
  private String needing(String capabilities) {
    String text = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(capabilities));
    return orchestrator.first().replace("{\"orch", "{\"capabilities\":\"" + text + "\",\"orch");
  }

  @Test
  void paymentsUnderOneSecretGoOnWithItsNoncesWhoeverAsks() {
    pay(orchestrator.first()).statusCode(200);
    pay(orchestrator.first()).statusCode(200);

    List<String> ranges =
        transactions.run(
            tx ->
                tx
                    .query(
                        "select first_nonce, last_nonce from ticket_batch"
                            + " where recipient_rand_hash = $1 order by first_nonce",
                        io.vertx.core.buffer.Buffer.buffer(orchestrator.randHash))
                    .stream()
                    .map(row -> row.getInteger(0) + "-" + row.getInteger(1))
                    .toList());
    assertThat(ranges).containsExactly("1-2", "3-4");
  }

  @Test
  void refusesAHigherPriceAndAStateOfAnotherCaller() {
    JsonPath first = pay(orchestrator.first()).statusCode(200).extract().jsonPath();
    long before = tickets();

    given()
        .port(signer.port())
        .header("Authorization", "Bearer " + SignerParts.TENANT_TOKEN)
        .body(orchestrator.next(first))
        .post("/generate-live-payment")
        .then()
        .statusCode(403);
    orchestrator.price = 1201;
    pay(orchestrator.next(first))
        .statusCode(481)
        .body("error.message", startsWith("orchestrator price 1201.000 exceeds initial session"));
    assertThat(tickets()).isEqualTo(before);
  }

  @Test
  void answersOnlyItsThreeEndpointsAndBoundedBodies() {
    gateway().get("/").then().statusCode(404);
    gateway().get("/generate-live-payment").then().statusCode(405).header("Allow", "POST");
    gateway().body("x".repeat(300_000)).post("/generate-live-payment").then().statusCode(413);
  }

  @Test
  void sharesAGatewaysTicketsByTheLiveTimeOfItsTenants() {
    String one = Samples.tenant();
    String other = Samples.tenant();
    for (Map.Entry<String, Long> use : Map.of(one, 30_000L, other, 10_000L).entrySet()) {
      redis.stream(String.class)
          .xadd(
              Topics.CHARGES,
              Map.of(
                  Topics.FIELD,
                  Json.write(
                      Samples.charge(
                          use.getKey(),
                          "0.025",
                          null,
                          "live-video-to-video",
                          "gateway-live",
                          use.getValue()))));
    }
    Samples.await("charged", () -> Samples.balance(other).contains("owed 0.025"));
    Samples.await("charged", () -> Samples.balance(one).contains("owed 0.025"));
    pay(orchestrator.first()).statusCode(200);

    JsonPath report = report("");
    JsonPath mine = report("?tenant_id=" + one);

    assertThat(wei(report.getString("totals.network_cost.amount"))).isEqualTo(allIssued());
    assertThat(mine.getString("data[0].capability")).isEqualTo("live-video-to-video");
    assertThat(mine.getString("data[0].revenue.amount")).isEqualTo("0.025");
    assertThat(wei(mine.getString("data[0].network_cost.amount")))
        .isEqualTo(
            wei(report("?tenant_id=" + other).getString("data[0].network_cost.amount"))
                .multiply(BigInteger.valueOf(3)));
  }

  private JsonPath report(String query) {
    return given()
        .auth()
        .oauth2(Samples.operator())
        .get("/v1/reconciliation" + query)
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private static BigInteger wei(String ether) {
    return new java.math.BigDecimal(ether).movePointRight(18).toBigIntegerExact();
  }

  private BigInteger allIssued() {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select sum(expected_value) v from ticket_batch"
                        + " where created_at > now() - interval '1 day'"))
        .orElseThrow()
        .getBigDecimal("v")
        .toBigIntegerExact();
  }

  private interface Bend {
    void apply(Orchestrator orchestrator);
  }

  private String with(Bend... bends) {
    for (Bend bend : bends) {
      bend.apply(orchestrator);
    }
    return orchestrator.first();
  }

  private void refuses(int status, String message, Supplier<String> body) {
    orchestrator = new Orchestrator();
    String made = body.get();
    pay(made)
        .statusCode(status)
        .contentType("application/json")
        .body("error.message", startsWith(message));
    assertThat(tickets()).isZero();
  }

  private RequestSpecification gateway() {
    return given()
        .port(signer.port())
        .header("Authorization", "Bearer " + SignerParts.GATEWAY_TOKEN);
  }

  private ValidatableResponse pay(String body) {
    return gateway()
        .contentType("application/json")
        .body(body)
        .post("/generate-live-payment")
        .then();
  }

  private long tickets() {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select coalesce(sum(tickets), 0) n from ticket_batch where orchestrator = $1",
                    "0x" + java.util.HexFormat.of().formatHex(orchestrator.address)))
        .orElseThrow()
        .getLong("n");
  }

  /** What is recorded for this orchestrator's tickets. */
  private BigInteger spent() {
    return number("select sum(expected_value) v from ticket_batch where orchestrator = $1");
  }

  /** What the ledger has for them; nobody else's are in their journals when they are alone. */
  private boolean booked() {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select count(*) n from ticket_unbooked u join ticket_batch b on b.id = u.batch_id"
                        + " where b.orchestrator = $1",
                    orchestrator.hex()))
        .orElseThrow()
        .getLong("n")
        .equals(0L);
  }

  private BigInteger number(String sql) {
    return transactions
        .run(tx -> tx.one(sql, orchestrator.hex()))
        .orElseThrow()
        .getBigDecimal("v")
        .toBigIntegerExact();
  }

  private static List<ByteString> signatures(String payment) throws IOException {
    List<ByteString> signatures = new ArrayList<>();
    CodedInputStream in = CodedInputStream.newInstance(Base64.getDecoder().decode(payment));
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (4 << 3 | 2)) {
        CodedInputStream ticket = in.readBytes().newCodedInput();
        for (int inner = ticket.readTag(); inner != 0; inner = ticket.readTag()) {
          if (inner == (2 << 3 | 2)) {
            signatures.add(ticket.readBytes());
          } else {
            assertThat(ticket.skipField(inner)).isTrue();
          }
        }
      } else {
        assertThat(in.skipField(tag)).isTrue();
      }
    }
    return signatures;
  }

  private static String state(JsonPath paid) {
    return new String(
        Base64.getDecoder().decode(paid.getString("state.State")), StandardCharsets.UTF_8);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
