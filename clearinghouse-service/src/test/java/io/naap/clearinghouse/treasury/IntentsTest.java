package io.naap.clearinghouse.treasury;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.neighbour.Unguarded;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.TestWallet;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.testing.Anvil;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class IntentsTest {
  private static final long CHAIN = 31_337;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int INTENTS = Integer.getInteger("proof.intents", 40);
  private static final int KILLS = Integer.getInteger("proof.intent-kills", 8);
  private static final int REORGS = Integer.getInteger("proof.reorgs", 4);

  @Inject Transactions transactions;
  @Inject TreasuryConfig defaults;
  private final Random random = new Random(5);
  private Anvil anvil;
  private HttpServer liar;
  private volatile boolean lies = true;
  private volatile boolean deaf;

  @BeforeEach
  void start() throws IOException {
    transactions.run(
        tx -> {
          tx.change("alter table intent_attempt disable trigger intent_attempt_append_only");
          tx.change("delete from intent_attempt");
          tx.change("alter table intent_gas disable trigger intent_gas_append_only");
          tx.change("delete from intent_gas");
          tx.change("alter table intent_gas enable trigger intent_gas_append_only");
          tx.change("delete from intent");
          tx.change("alter table intent_attempt enable trigger intent_attempt_append_only");
          return tx.change("delete from wallet_nonce");
        });
    anvil = Anvil.start(CHAIN, "--no-mining");
    liar = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    HttpClient client = HttpClient.newHttpClient();
    liar.createContext(
        "/",
        exchange -> {
          byte[] question = exchange.getRequestBody().readAllBytes();
          byte[] answer = lie(client, question);
          exchange.sendResponseHeaders(
              answer.length == 0 ? 503 : 200, answer.length == 0 ? -1 : answer.length);
          if (answer.length > 0) {
            exchange.getResponseBody().write(answer);
          }
          exchange.close();
        });
    liar.start();
  }

  @AfterEach
  void stop() {
    liar.stop(0);
    anvil.close();
  }

  /** Drops, answers nonsense, says no and does it, says yes and does not. */
  private byte[] lie(HttpClient client, byte[] question) throws IOException {
    JsonNode asked = JSON.readTree(question);
    boolean sending = "eth_sendRawTransaction".equals(asked.path("method").asText());
    int dice = lies ? random.nextInt(10) : 9;
    if (dice == 0) {
      return new byte[0];
    }
    if (sending && deaf) {
      return text("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x" + "12".repeat(32) + "\"}");
    }
    if (dice == 1 && sending) {
      return text("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x" + "12".repeat(32) + "\"}");
    }
    if (dice == 2 && "eth_getTransactionReceipt".equals(asked.path("method").asText())) {
      return text("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}");
    }
    try {
      byte[] answer =
          client
              .send(
                  HttpRequest.newBuilder(anvil.url())
                      .header("Content-Type", "application/json")
                      .POST(HttpRequest.BodyPublishers.ofByteArray(question))
                      .build(),
                  HttpResponse.BodyHandlers.ofByteArray())
              .body();
      return dice == 3 && sending
          ? text(
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"nonce too"
                  + " low\"}}")
          : answer;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException(stopped);
    }
  }

  private static byte[] text(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /** A process that has just started: it knows nothing but the store. */
  private Intents restarted() {
    return new Intents(
        new Settings(defaults),
        new JsonRpc(URI.create("http://127.0.0.1:" + liar.getAddress().getPort()), new Unguarded()),
        TestWallet.hardhat0(),
        CHAIN,
        new IntentStore(
            transactions,
            new Ids(Clock.systemUTC(), new SecureRandom()),
            Clock.systemUTC(),
            TestWallet.hardhat0().address()),
        Clock.systemUTC());
  }

  @Test
  void eachIntentIsMinedOnceWhateverTheNodeSaysAndHoweverOftenTheProcessDies() throws Exception {
    for (int at = 0; at < INTENTS; at++) {
      plan(restarted(), at, 1_000 + at);
      plan(restarted(), at, 1_000 + at);
    }
    Intents intents = restarted();
    int kills = 0;
    for (int round = 0; round < INTENTS * 20 && open() > 0; round++) {
      try {
        intents.round(true);
      } catch (IOException | IllegalStateException interrupted) {
        // It died in the middle; another one begins where the store says.
        intents = restarted();
        kills++;
      }
      if (kills < KILLS * 10 && round % (INTENTS > 100 ? 10 : 2) == 0) {
        intents = restarted();
        kills++;
      }
      anvil.call("anvil_mine", "0x1");
      if (round > INTENTS * 10) {
        lies = false;
      }
    }

    assertThat(open()).isZero();
    assertThat(kills).isGreaterThanOrEqualTo(KILLS);
    for (int at = 0; at < INTENTS; at++) {
      assertThat(balance(to(at))).isEqualTo(BigInteger.valueOf(1_000 + at));
    }
    assertThat(nonce()).isEqualTo(INTENTS);
  }

  @Test
  void aReorganisationTakesNothingAwayForGood() throws Exception {
    lies = false;
    Intents intents = restarted();
    for (int reorg = 0; reorg < REORGS; reorg++) {
      plan(intents, reorg, 7);
      for (int round = 0; round < 3; round++) {
        intents.round(true);
        anvil.call("anvil_mine", "0x1");
      }
      int depth = 1 + random.nextInt(Math.min(12, 3 * (reorg + 1)));
      anvil.call("anvil_reorg", depth, java.util.List.of());
    }
    for (int round = 0; round < 60 && open() > 0; round++) {
      intents.round(true);
      anvil.call("anvil_mine", "0x1");
    }

    assertThat(open()).isZero();
    for (int reorg = 0; reorg < REORGS; reorg++) {
      assertThat(balance(to(reorg))).isEqualTo(BigInteger.valueOf(7));
    }
  }

  @Test
  void aNonceThatIsMissingBelowLaterOnesIsFilledWithNothing() throws Exception {
    lies = false;
    Intents intents = restarted();
    plan(intents, 0, 5);
    intents.round(true);
    // As if a node had once said that four nonces more were used.
    transactions.run(tx -> tx.change("update wallet_nonce set next_nonce = next_nonce + 4"));
    plan(intents, 1, 6);
    finish(intents);

    assertThat(balance(to(0))).isEqualTo(BigInteger.valueOf(5));
    assertThat(balance(to(1))).isEqualTo(BigInteger.valueOf(6));
    assertThat(statuses("fill")).isEqualTo("final 4");
    assertThat(nonce()).isEqualTo(6);
  }

  @Test
  void aNonceUsedByWhoeverElseHasTheKeyEndsTheIntentAndPaysNothingTwice() throws Exception {
    lies = false;
    deaf = true;
    Intents intents = restarted();
    plan(intents, 0, 5);
    intents.round(true);
    anvil.call(
        "eth_sendTransaction",
        java.util.Map.of(
            "from",
            TestWallet.hardhat0().address().lowerCase(),
            "to",
            to(9).lowerCase(),
            "value",
            "0x63",
            "nonce",
            "0x0"));
    anvil.call("anvil_mine", "0x1");
    deaf = false;
    finish(intents);

    assertThat(balance(to(0))).isEqualTo(BigInteger.ZERO);
    assertThat(balance(to(9))).isEqualTo(BigInteger.valueOf(0x63));
    assertThat(statuses("test")).isEqualTo("replaced 1");
  }

  @Test
  void whatIsOnlyPlannedIsNotBegunInAPauseNorAfterItsTime() throws Exception {
    lies = false;
    Intents intents = restarted();
    plan(intents, 0, 5);
    intents.round(false);
    assertThat(statuses("test")).isEqualTo("planned 1");

    transactions.run(
        tx -> tx.change("update intent set valid_until = now() - interval '1 second'"));
    intents.round(true);

    assertThat(statuses("test")).isEqualTo("expired 1");
  }

  @Test
  void whatIsStuckIsReplacedUnderItsNonceAtTenPercentMore() throws Exception {
    lies = false;
    deaf = true;
    Intents intents = restarted();
    plan(intents, 0, 5);
    Eventually.await(
        "three attempts",
        () -> {
          intents.round(true);
          return attempts() >= 3;
        });
    deaf = false;
    finish(intents);

    assertThat(balance(to(0))).isEqualTo(BigInteger.valueOf(5));
    assertThat(nonce()).isEqualTo(1);
    long below =
        transactions.run(
            tx ->
                tx.one(
                        "select count(*) n from (select max_fee, lag(max_fee) over (order by"
                            + " attempt) before from intent_attempt) a where max_fee < 1.1 *"
                            + " before")
                    .orElseThrow()
                    .getLong("n"));
    assertThat(below).isZero();
  }

  @Test
  void replacementsCostTenPercentMoreRoundedUp() {
    assertThat(Intents.more(BigInteger.valueOf(100))).isEqualTo(110);
    assertThat(Intents.more(BigInteger.valueOf(101))).isEqualTo(112);
    assertThat(Intents.more(BigInteger.ONE)).isEqualTo(2);
  }

  private static void plan(Intents intents, int at, long value) {
    intents.plan(
        new Intents.Plan(
            "test:" + at,
            "test",
            new Intents.Call(to(at), BigInteger.valueOf(value), ByteString.EMPTY, 100_000),
            BigInteger.ZERO,
            Optional.empty(),
            "a test"));
  }

  private void finish(Intents intents) throws Exception {
    Eventually.await(
        "no intent is open",
        () -> {
          intents.round(true);
          anvil.call("anvil_mine", "0x1");
          return open() == 0;
        });
  }

  private long attempts() {
    return transactions
        .run(tx -> tx.one("select count(*) n from intent_attempt"))
        .orElseThrow()
        .getLong("n");
  }

  private String statuses(String kind) {
    return transactions.run(
        tx ->
            tx.one(
                    "select string_agg(status || ' ' || n, ', ' order by status) t from (select"
                        + " status, count(*) n from intent where kind = $1 group by status) s",
                    kind)
                .orElseThrow()
                .getString("t"));
  }

  private static Address to(int at) {
    return Address.parse("0x00000000000000000000000000000000%08x".formatted(0x1000 + at));
  }

  private long open() {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select count(*) n from intent where status in"
                        + " ('planned', 'signed', 'sent', 'confirmed')"))
        .orElseThrow()
        .getLong("n");
  }

  private BigInteger balance(Address of) {
    return new BigInteger(
        anvil.call("eth_getBalance", of.lowerCase(), "latest").asText().substring(2), 16);
  }

  private long nonce() {
    return Long.parseLong(
        anvil
            .call("eth_getTransactionCount", TestWallet.hardhat0().address().lowerCase(), "latest")
            .asText()
            .substring(2),
        16);
  }

  /** The usual settings, on a chain that is final after fourteen blocks. */
  private record Settings(TreasuryConfig usual) implements TreasuryConfig {
    @Override
    public boolean enabled() {
      return true;
    }

    @Override
    public BigInteger depositLow() {
      return usual.depositLow();
    }

    @Override
    public BigInteger depositTarget() {
      return usual.depositTarget();
    }

    @Override
    public BigInteger reserveLow() {
      return usual.reserveLow();
    }

    @Override
    public BigInteger reserveTarget() {
      return usual.reserveTarget();
    }

    @Override
    public BigInteger hotLow() {
      return usual.hotLow();
    }

    @Override
    public BigInteger hotTarget() {
      return usual.hotTarget();
    }

    @Override
    public BigInteger dailyLimit() {
      return usual.dailyLimit();
    }

    @Override
    public BigInteger maxGasPrice() {
      return BigInteger.TEN.pow(11);
    }

    @Override
    public BigInteger priorityFee() {
      return BigInteger.ONE;
    }

    @Override
    public long gasLimit() {
      return 100_000;
    }

    @Override
    public Duration replaceAfter() {
      return Duration.ofSeconds(1);
    }

    @Override
    public int finalityBlocks() {
      return 14;
    }

    @Override
    public int mostOpen() {
      return 8;
    }

    @Override
    public Duration interval() {
      return usual.interval();
    }

    @Override
    public Duration blockLagAlert() {
      return usual.blockLagAlert();
    }

    @Override
    public Duration roundAlert() {
      return usual.roundAlert();
    }

    @Override
    public Duration runwayAlert() {
      return usual.runwayAlert();
    }
  }
}
