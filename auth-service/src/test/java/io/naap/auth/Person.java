package io.naap.auth;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.siwe.TestWallet;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A person who has signed in with a wallet. */
public record Person(
    TestWallet wallet, String accessToken, String refreshToken, String tenantId, String userId) {
  private static final AtomicLong NEXT = new AtomicLong(50_000);

  /** Signs in with the wallet that is configured as operator. */
  public static Person operator() {
    return signIn(TestWallet.of(1));
  }

  /** Signs in with a new wallet. */
  public static Person signIn() {
    return signIn(TestWallet.of(NEXT.incrementAndGet()));
  }

  public static Person signIn(TestWallet wallet) {
    Response answer = tryToSignIn(wallet);
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    return of(wallet, answer);
  }

  public static Response tryToSignIn(TestWallet wallet) {
    Response nonce = given().get("/auth/siwe/nonce");
    String message = wallet.message(nonce.path("nonce"), Instant.now());
    return given()
        .cookie("naap_siwe", nonce.cookie("naap_siwe"))
        .contentType(ContentType.JSON)
        .body(Map.of("message", message, "signature", wallet.sign(message)))
        .post("/auth/siwe/verify");
  }

  private static Person of(TestWallet wallet, Response tokens) {
    return new Person(
        wallet,
        tokens.path("access_token"),
        tokens.path("refresh_token"),
        tokens.path("tenant_id"),
        tokens.path("user_id"));
  }

  /** Refreshes the tokens. */
  public Person refreshed() {
    Response answer = refresh(refreshToken);
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    return of(wallet, answer);
  }

  /** Refreshes the tokens to act for another tenant. */
  public Person actingFor(String tenant) {
    Response answer =
        given()
            .formParam("grant_type", "refresh_token")
            .formParam("refresh_token", refreshToken)
            .formParam("tenant_id", tenant)
            .post("/oauth/token");
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    return of(wallet, answer);
  }

  public static Response refresh(String token) {
    return given()
        .formParam("grant_type", "refresh_token")
        .formParam("refresh_token", token)
        .post("/oauth/token");
  }

  /** A request with the person's access token. */
  public RequestSpecification ask() {
    return given().auth().oauth2(accessToken);
  }

  /** A request with a JSON body. */
  public RequestSpecification send(Object body) {
    return ask().contentType(ContentType.JSON).body(body);
  }

  /** The status of {@code GET /v1/me} with the access token: 200 while it is accepted. */
  public int meStatus() {
    return ask().get("/v1/me").statusCode();
  }
}
