package io.naap.auth;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.identity.Role;
import io.naap.contracts.testing.NativeRegistration;
import io.naap.contracts.testing.Operations;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class AccessTest {
  private static final Path OPENAPI = Path.of("openapi.yaml");
  private static final Set<String> PUBLIC =
      Set.of(
          "/auth/siwe/nonce",
          "/auth/siwe/verify",
          "/oauth/token",
          "/oauth/revoke",
          "/.well-known/jwks.json",
          "/.well-known/oauth-authorization-server");
  private static final String TENANT = "ten_01kaq3v7g8e2nb0p4m6r9t1x5z";

  @TestHTTPResource(value = "/openapi", management = true)
  String openapi;

  @Test
  void servesTheApiThatIsCommitted() {
    String served = given().get(openapi).asString();

    assertThat(Operations.difference(OPENAPI, served)).isEmpty();
  }

  @Test
  void letsNobodyInWithoutAGoodToken() {
    for (Operations.Operation operation : Operations.of(OPENAPI)) {
      if (PUBLIC.contains(operation.path())) {
        continue;
      }
      String path = operation.at(TENANT);
      assertThat(given().request(operation.method(), path).statusCode())
          .as(operation.toString())
          .isEqualTo(401);
      for (String forged : Tokens.forged(TENANT)) {
        assertThat(given().auth().oauth2(forged).request(operation.method(), path).statusCode())
            .as(operation + " with " + forged)
            .isEqualTo(401);
      }
    }
  }

  @Test
  void hidesAnotherTenant() {
    String token = Tokens.of(TENANT, Role.OWNER);

    given()
        .auth()
        .oauth2(token)
        .get("/v1/tenants/ten_01kaq3v7g8e2nb0p4m6r9t1x60")
        .then()
        .statusCode(404);
    given().auth().oauth2(token).get("/v1/tenants/nonsense").then().statusCode(404);
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
