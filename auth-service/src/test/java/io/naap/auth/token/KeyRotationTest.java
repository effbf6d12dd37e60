package io.naap.auth.token;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.Person;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class KeyRotationTest {
  @Inject Transactions transactions;
  @Inject SigningKeys keys;

  @Test
  void publishesTheNextKeyBeforeItSignsAndTheLastOneWhileItsTokensLive() throws Exception {
    Person operator = Person.operator();
    String old = kid(operator.accessToken());

    List<String> published =
        operator
            .send("{}")
            .post("/v1/signing-keys/rotate")
            .then()
            .statusCode(200)
            .extract()
            .path("data.kid");
    String next = published.getFirst();

    assertThat(published).contains(old);
    assertThat(jwks()).contains(old, next);
    assertThat(kid(Person.operator().accessToken())).isEqualTo(old);
    assertThat(Eventually.within(6_000, () -> kid(Person.operator().accessToken()).equals(next)))
        .isTrue();
    assertThat(operator.meStatus()).isEqualTo(200);
    assertThat(jwks()).contains(old, next);
  }

  @Test
  void refusesEveryTokenOfACompromisedKey() throws Exception {
    Person operator = Person.operator();
    Person somebody = Person.signIn();
    String old = kid(somebody.accessToken());

    operator.send("{\"compromised\":true}").post("/v1/signing-keys/rotate").then().statusCode(200);

    assertThat(Eventually.within(5_000, () -> somebody.meStatus() == 401)).isTrue();
    assertThat(jwks()).doesNotContain(old);
    Person again = somebody.refreshed();
    assertThat(Eventually.within(5_000, () -> again.meStatus() == 200)).isTrue();
  }

  @Test
  void rotatesWhenTheKeyHasSignedForItsTimeAndOnlyOnce() {
    transactions.run(
        tx ->
            tx.change(
                "update signing_keys set signs_from = signs_from - interval '31 days'"
                    + " where revoked_at is null"));
    keys.reread();

    assertThat(keys.rotateWhenDue()).isTrue();
    assertThat(keys.rotateWhenDue()).isFalse();
  }

  @Test
  void isForOperatorsOnly() {
    Person somebody = Person.signIn();

    somebody.send("{}").post("/v1/signing-keys/rotate").then().statusCode(403);
    somebody.ask().get("/v1/signing-keys").then().statusCode(403);
    given()
        .contentType(ContentType.JSON)
        .body("{}")
        .post("/v1/signing-keys/rotate")
        .then()
        .statusCode(401);
  }

  @Test
  void storesNoPrivateKeyAsItIs() {
    Person.signIn();
    byte[] stored =
        transactions
            .run(tx -> tx.query("select private_key from signing_keys limit 1"))
            .getFirst()
            .getBuffer("private_key")
            .getBytes();

    // An unencrypted PKCS #8 key starts with a sequence and the version 0.
    assertThat(new byte[] {stored[0], stored[2], stored[3]}).isNotEqualTo(new byte[] {0x30, 2, 1});
  }

  private static String jwks() {
    return given().get("/.well-known/jwks.json").asString();
  }

  private static String kid(String token) {
    String header =
        new String(
            Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.'))),
            StandardCharsets.UTF_8);
    return header.replaceAll(".*\"kid\":\"([^\"]+)\".*", "$1");
  }
}
