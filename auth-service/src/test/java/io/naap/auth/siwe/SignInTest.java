package io.naap.auth.siwe;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class SignInTest {
  private static final AtomicLong NEXT = new AtomicLong(1_000);
  @Inject Transactions transactions;

  private final TestWallet wallet = TestWallet.of(NEXT.incrementAndGet());

  @Test
  void signsInOnceAndMakesAUserAndATenant() throws Exception {
    Nonce nonce = nonce();
    String message = wallet.message(nonce.text(), Instant.now());

    Response answer = verify(message, wallet.sign(message), nonce.cookie());

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    JsonNode claims = claims(answer.path("access_token"));
    assertThat(claims.path("iss").asText()).isEqualTo("http://localhost:8080");
    assertThat(claims.path("aud").asText()).isEqualTo("naap");
    assertThat(claims.path("tid").asText()).isEqualTo(answer.path("tenant_id"));
    assertThat(claims.path("roles").toString()).isEqualTo("[\"owner\"]");
    assertThat(claims.path("wallet").asText()).isEqualTo(wallet.address());
    assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(600);
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("x-request-id")).startsWith("req_");

    Response replay = verify(message, wallet.sign(message), nonce.cookie());
    assertThat(replay.statusCode()).isEqualTo(401);
    assertThat(replay.<String>path("code")).isEqualTo("invalid_nonce");
  }

  @Test
  void givesTheSameWalletTheSameUser() {
    Response first = signIn();
    Response second = signIn();

    assertThat(second.<String>path("user_id")).isEqualTo(first.path("user_id"));
    assertThat(second.<String>path("tenant_id")).isEqualTo(first.path("tenant_id"));
  }

  @Test
  void refusesANonceOfAnotherClient() {
    Nonce mine = nonce();
    Nonce theirs = nonce();
    String message = wallet.message(mine.text(), Instant.now());

    assertThat(verify(message, wallet.sign(message), theirs.cookie()).statusCode()).isEqualTo(401);
    assertThat(verify(message, wallet.sign(message), mine.cookie()).statusCode()).isEqualTo(401);
  }

  @Test
  void refusesANonceThatHasExpired() {
    Nonce nonce = nonce();
    transactions.run(
        tx -> tx.change("update siwe_nonces set expires_at = now() - interval '1 second'"));
    String message = wallet.message(nonce.text(), Instant.now());

    Response answer = verify(message, wallet.sign(message), nonce.cookie());

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.<String>path("code")).isEqualTo("invalid_nonce");
  }

  @Test
  void refusesAnotherSignerAnotherDomainAndAnOldMessage() {
    Nonce a = nonce();
    String message = wallet.message(a.text(), Instant.now());
    assertThat(verify(message, TestWallet.of(5).sign(message), a.cookie()).<String>path("code"))
        .isEqualTo("invalid_signature");

    Nonce b = nonce();
    String elsewhere =
        wallet
            .message(b.text(), Instant.now())
            .replace("localhost:8080 wants", "evil.example wants");
    assertThat(verify(elsewhere, wallet.sign(elsewhere), b.cookie()).<String>path("code"))
        .isEqualTo("invalid_message");

    Nonce c = nonce();
    String old = wallet.message(c.text(), Instant.now().minusSeconds(7200));
    assertThat(verify(old, wallet.sign(old), c.cookie()).statusCode()).isEqualTo(401);
  }

  @Test
  void givesOneSessionHoweverManySubmitTheSameMessage() throws Exception {
    int nonces = 10;
    int copies = 16;
    int opened = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(copies)) {
      for (int i = 0; i < nonces; i++) {
        Nonce nonce = nonce();
        String message = wallet.message(nonce.text(), Instant.now());
        String signature = wallet.sign(message);
        Callable<Integer> submit = () -> verify(message, signature, nonce.cookie()).statusCode();
        List<Callable<Integer>> all = new ArrayList<>();
        for (int copy = 0; copy < copies; copy++) {
          all.add(submit);
        }
        for (Future<Integer> answer : threads.invokeAll(all)) {
          opened += answer.get() == 200 ? 1 : 0;
        }
      }
    }

    assertThat(opened).isEqualTo(nonces);
  }

  @Test
  void leavesNothingBehindWhenItRefuses() {
    long users = count("users");
    long sessions = count("sessions");
    Nonce nonce = nonce();
    TestWallet stranger = TestWallet.of(NEXT.incrementAndGet());
    String message = stranger.message(nonce.text(), Instant.now());

    verify(message, wallet.sign(message), nonce.cookie());
    verify("not a message", wallet.sign(message), nonce.cookie());

    assertThat(count("users")).isEqualTo(users);
    assertThat(count("sessions")).isEqualTo(sessions);
  }

  @Test
  void storesNoTokenNonceOrCookieAsItIs() {
    Nonce nonce = nonce();
    String refreshToken = signIn().path("refresh_token");

    String rows =
        transactions
            .run(
                tx ->
                    tx.query(
                        "select string_agg(t::text, ' ') all_rows from (select r::text t from"
                            + " refresh_tokens r union all select n::text from siwe_nonces n) x"))
            .getFirst()
            .getString("all_rows");

    assertThat(rows).doesNotContain(refreshToken, nonce.text(), nonce.cookie());
  }

  private Response signIn() {
    Nonce nonce = nonce();
    String message = wallet.message(nonce.text(), Instant.now());
    Response answer = verify(message, wallet.sign(message), nonce.cookie());
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    return answer;
  }

  private record Nonce(String text, String cookie) {}

  private static Nonce nonce() {
    Response answer = given().get("/auth/siwe/nonce");
    assertThat(answer.statusCode()).isEqualTo(200);
    return new Nonce(answer.path("nonce"), answer.cookie("naap_siwe"));
  }

  private static Response verify(String message, String signature, String cookie) {
    return given()
        .cookie("naap_siwe", cookie)
        .contentType(ContentType.JSON)
        .body(Map.of("message", message, "signature", signature))
        .post("/auth/siwe/verify");
  }

  private long count(String table) {
    return transactions
        .run(tx -> tx.query("select count(*) n from " + table))
        .getFirst()
        .getLong("n");
  }

  private static JsonNode claims(String token) throws Exception {
    String body = token.split("\\.", -1)[1];
    return new ObjectMapper()
        .readTree(new String(Base64.getUrlDecoder().decode(body), StandardCharsets.UTF_8));
  }
}
