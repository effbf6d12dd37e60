package io.naap.auth;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.token.SigningKeys;
import io.naap.contracts.identity.Role;
import io.naap.contracts.testing.AccessMatrix;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.NativeRegistration;
import io.naap.contracts.testing.Operations;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class AccessTest {
  private static final Path OPENAPI = Path.of("openapi.yaml");

  @Inject Transactions transactions;
  @Inject SigningKeys keys;

  @TestHTTPResource(value = "/openapi", management = true)
  String openapi;

  @Test
  void servesTheApiThatIsCommitted() {
    String served = given().get(openapi).asString();

    assertThat(Operations.difference(OPENAPI, served)).isEmpty();
  }

  @Test
  void letsInWhomTheTableNamesAndNobodyElse() throws Exception {
    believeTestTokens();
    Person other = Person.signIn();
    String tenant = "/v1/tenants/" + other.tenantId();
    String session = other.ask().get("/v1/sessions").path("data[0].id");
    String guest = Person.signIn().wallet().address();
    String invitation =
        other
            .send(Map.of("wallet", guest, "role", "viewer"))
            .post(tenant + "/invitations")
            .path("id");
    String account =
        other
            .send(Map.of("name", "a", "role", "viewer"))
            .post("/v1/service-accounts")
            .path("client_id");
    String owner = "{\"user_id\":\"" + other.userId() + "\"}";
    String mine = "/v1/me/invitations/" + invitation;

    AccessMatrix matrix =
        AccessMatrix.of(URI.create("http://localhost:" + RestAssured.port), "auth")
            .foreign("/v1/tenants/{id}", tenant, "{\"name\":\"mine\"}")
            .foreign("/v1/tenants/{id}/members", tenant + "/members", "")
            .foreign(
                "/v1/tenants/{id}/members/{user}",
                tenant + "/members/" + other.userId(),
                "{\"role\":\"viewer\"}")
            .foreign("/v1/tenants/{id}/owner", tenant + "/owner", owner)
            .foreign(
                "/v1/tenants/{id}/invitations",
                tenant + "/invitations",
                "{\"wallet\":\"" + guest + "\",\"role\":\"viewer\"}")
            .foreign(
                "/v1/tenants/{id}/invitations/{invitation}",
                tenant + "/invitations/" + invitation,
                "")
            .foreign("/v1/me/invitations/{invitation}/accept", mine + "/accept", "{}")
            .foreign("/v1/me/invitations/{invitation}/decline", mine + "/decline", "{}")
            .foreign("/v1/sessions/{id}", "/v1/sessions/" + session, "")
            .foreign("/v1/service-accounts/{id}", "/v1/service-accounts/" + account, "");

    assertThat(matrix.violations(this::refuse)).isEmpty();
    assertThat(other.meStatus()).isEqualTo(200);
    assertThat(other.ask().get(tenant + "/invitations").<List<String>>path("data.id"))
        .containsExactly(invitation);
  }

  /** Publishes the key of {@link Tokens} as one that signed until a moment ago. */
  private void believeTestTokens() throws Exception {
    given().get("/.well-known/jwks.json").then().statusCode(200);
    transactions.run(
        tx ->
            tx.change(
                """
                insert into signing_keys (kid, public_key, private_key, created_at, signs_from)
                values ($1, $2, '', now(), (select min(signs_from) from signing_keys) - interval '1 day')
                on conflict do nothing""",
                Tokens.KEY_ID,
                io.vertx.core.buffer.Buffer.buffer(Tokens.publicKey().getEncoded())));
    keys.reread();
    assertThat(
            Eventually.within(
                5_000,
                () ->
                    given()
                            .auth()
                            .oauth2(Tokens.of(AccessMatrix.TENANT, Role.OWNER))
                            .get("/v1/me")
                            .statusCode()
                        == 200))
        .isTrue();
  }

  private void refuse(String subject) {
    transactions.run(
        tx ->
            tx.change(
                """
                insert into refusals (subject, not_before, drop_after)
                values ($1, 9223372036854775807, now() + interval '1 hour') on conflict do nothing""",
                subject));
  }

  @Test
  void givesServicesATokenForTheirSecretOnly() {
    String token =
        given()
            .auth()
            .preemptive()
            .basic("router", "router-secret-of-the-tests")
            .formParam("grant_type", "client_credentials")
            .post("/oauth/token")
            .path("access_token");
    assertThat(token).isNotNull();

    given()
        .auth()
        .preemptive()
        .basic("router", "wrong")
        .formParam("grant_type", "client_credentials")
        .post("/oauth/token")
        .then()
        .statusCode(401);
    given()
        .formParam("grant_type", "client_credentials")
        .post("/oauth/token")
        .then()
        .statusCode(401);
  }

  @Test
  void answersBadInputWithAProblem() {
    given()
        .contentType(ContentType.JSON)
        .body("{")
        .post("/auth/siwe/verify")
        .then()
        .statusCode(400);
    given()
        .contentType(ContentType.JSON)
        .body("{\"message\":\"a\",\"signature\":\"b\",\"extra\":1}")
        .post("/auth/siwe/verify")
        .then()
        .statusCode(422);
    given()
        .contentType(ContentType.TEXT)
        .body("a")
        .post("/auth/siwe/verify")
        .then()
        .statusCode(415);
    given()
        .contentType(ContentType.JSON)
        .body("{\"message\":\"" + "a".repeat(2_000_000) + "\",\"signature\":\"b\"}")
        .post("/auth/siwe/verify")
        .then()
        .statusCode(413);
    given().header("x-padding", "a".repeat(20_000)).get("/auth/siwe/nonce").then().statusCode(431);
    given().urlEncodingEnabled(false).get("/v1/%2e%2e/v1/me").then().statusCode(400);
  }

  @Test
  void publishesNoPrivateKey() {
    String jwks = given().get("/.well-known/jwks.json").asString();

    assertThat(jwks).contains("\"kid\"", "P-256").doesNotContain("\"d\"");
  }

  @Test
  void registersWhatANativeExecutableNeeds() {
    assertThat(NativeRegistration.missing(Path.of("target/classes"))).isEmpty();
    assertThat(NativeRegistration.missingForJni(Path.of("target/classes"))).isEmpty();
  }
}
