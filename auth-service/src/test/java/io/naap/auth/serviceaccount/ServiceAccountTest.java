package io.naap.auth.serviceaccount;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.Person;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class ServiceAccountTest {
  private static final String ACCOUNTS = "/v1/service-accounts";
  private static final Map<String, String> WANTED = Map.of("name", "ci", "role", "viewer");

  @Inject Transactions transactions;

  private Person owner;

  @BeforeEach
  void signIn() {
    owner = Person.signIn();
  }

  @Test
  void tradesItsSecretForATokenOfItsTenantUntilItIsDeleted() throws Exception {
    Response made = create("ci", "developer");
    String id = made.path("client_id");
    String secret = made.path("client_secret");

    Response token = token(id, secret);

    assertThat(token.statusCode()).isEqualTo(200);
    String access = token.path("access_token");
    Response me = given().auth().oauth2(access).get("/v1/me");
    assertThat(me.<String>path("user_id")).isEqualTo(id);
    assertThat(me.<String>path("tenant_id")).isEqualTo(owner.tenantId());
    assertThat(me.<List<String>>path("roles")).containsExactly("developer");
    assertThat(token(id, "wrong").statusCode()).isEqualTo(401);
    given().auth().oauth2(access).get("/v1/service-accounts").then().statusCode(403);
    assertThat(owner.ask().get("/v1/service-accounts").asString())
        .contains(id)
        .doesNotContain(secret);

    Person.signIn().ask().delete("/v1/service-accounts/" + id).then().statusCode(404);
    owner.ask().delete("/v1/service-accounts/" + id).then().statusCode(204);
    assertThat(
            Eventually.within(
                5_000, () -> given().auth().oauth2(access).get("/v1/me").statusCode() == 401))
        .isTrue();
    assertThat(token(id, secret).statusCode()).isEqualTo(401);
  }

  @Test
  void cannotDoWhatIsForPeople() {
    Response made = create("boss", "admin");
    String access = token(made.path("client_id"), made.path("client_secret")).path("access_token");

    given()
        .auth()
        .oauth2(access)
        .contentType("application/json")
        .body(Map.of("name", "Its own"))
        .post("/v1/tenants")
        .then()
        .statusCode(403);
    given()
        .auth()
        .oauth2(access)
        .contentType("application/json")
        .body(Map.of("role", "viewer"))
        .patch("/v1/tenants/" + owner.tenantId() + "/members/" + owner.userId())
        .then()
        .statusCode(403);
  }

  @Test
  void tellsAboutTokensOfItsOwnTenantOnly() {
    Response made = create("watch", "viewer");
    String id = made.path("client_id");
    String secret = made.path("client_secret");
    Person stranger = Person.signIn();

    assertThat(introspect(id, secret, owner.accessToken()).<Boolean>path("active")).isTrue();
    assertThat(introspect(id, secret, owner.accessToken()).<String>path("sub"))
        .isEqualTo(owner.userId());
    assertThat(introspect(id, secret, owner.refreshToken()).<String>path("token_type"))
        .isEqualTo("refresh_token");
    assertThat(introspect(id, secret, stranger.accessToken()).asString())
        .isEqualTo("{\"active\":false}");
    assertThat(introspect(id, secret, stranger.refreshToken()).asString())
        .isEqualTo("{\"active\":false}");
    assertThat(introspect(id, secret, "nonsense").asString()).isEqualTo("{\"active\":false}");
    assertThat(
            introspect("router", "router-secret-of-the-tests", stranger.accessToken())
                .<Boolean>path("active"))
        .isTrue();
    assertThat(introspect(id, "wrong", owner.accessToken()).statusCode()).isEqualTo(401);
  }

  @Test
  void oneIdempotencyKeyMakesOneSecret() {
    Response first = owner.send(WANTED).header("Idempotency-Key", "once").post(ACCOUNTS);
    Response second = owner.send(WANTED).header("Idempotency-Key", "once").post(ACCOUNTS);
    Response other =
        owner
            .send(Map.of("name", "other", "role", "viewer"))
            .header("Idempotency-Key", "once")
            .post(ACCOUNTS);

    assertThat(second.statusCode()).isEqualTo(201);
    assertThat(second.asString()).isEqualTo(first.asString());
    assertThat(other.<String>path("code")).isEqualTo("idempotency_key_reused");
    assertThat(owner.ask().get(ACCOUNTS).<List<?>>path("data")).hasSize(1);
    assertThat(first.header("Cache-Control")).isEqualTo("no-store");
    String stored =
        transactions.run(
            tx ->
                tx.one("select string_agg(body || key, ' ') from idempotency")
                    .orElseThrow()
                    .getString(0));
    assertThat(stored).doesNotContain(first.<String>path("client_secret")).doesNotContain("once");
  }

  @Test
  void anAdminDeletesNoAccountThatAnOwnerMade() {
    Person guest = Person.signIn();
    String invitation =
        owner
            .send(Map.of("wallet", guest.wallet().address(), "role", "admin"))
            .post("/v1/tenants/" + owner.tenantId() + "/invitations")
            .path("id");
    guest.send("").post("/v1/me/invitations/" + invitation + "/accept").then().statusCode(200);
    Person admin = guest.actingFor(owner.tenantId());
    String owners = create("of the owner", "viewer").path("client_id");
    String admins =
        admin
            .send(Map.of("name", "of the admin", "role", "viewer"))
            .post(ACCOUNTS)
            .path("client_id");

    admin.ask().delete(ACCOUNTS + "/" + owners).then().statusCode(403);
    admin.ask().delete(ACCOUNTS + "/" + admins).then().statusCode(204);
    owner.ask().delete(ACCOUNTS + "/" + owners).then().statusCode(204);
  }

  private Response create(String name, String role) {
    Response made = owner.send(Map.of("name", name, "role", role)).post("/v1/service-accounts");
    assertThat(made.statusCode()).as(made.asString()).isEqualTo(201);
    return made;
  }

  private static Response token(String id, String secret) {
    return given()
        .auth()
        .preemptive()
        .basic(id, secret)
        .formParam("grant_type", "client_credentials")
        .post("/oauth/token");
  }

  private static Response introspect(String id, String secret, String token) {
    return given()
        .auth()
        .preemptive()
        .basic(id, secret)
        .formParam("token", token)
        .post("/oauth/introspect");
  }
}
