package io.naap.auth.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.naap.auth.Person;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class TenantsTest {
  private Person owner;
  private String tenant;

  @BeforeEach
  void signIn() {
    owner = Person.signIn();
    tenant = owner.tenantId();
  }

  @Test
  void makesAnotherTenantAndActsForIt() {
    String made =
        owner
            .send(Map.of("name", "Second"))
            .post("/v1/tenants")
            .then()
            .statusCode(201)
            .extract()
            .path("id");

    Person there = owner.actingFor(made);

    assertThat(there.tenantId()).isEqualTo(made);
    assertThat(there.ask().get("/v1/me").<String>path("tenant_id")).isEqualTo(made);
    assertThat(Person.signIn(owner.wallet()).tenantId()).isEqualTo(made);
    owner.send(Map.of("name", "")).post("/v1/tenants").then().statusCode(422);
  }

  @Test
  void renamesItsOwnTenantAndNoOther() {
    owner.send(Map.of("name", "New name")).patch("/v1/tenants/" + tenant).then().statusCode(200);

    assertThat(owner.ask().get("/v1/tenants/" + tenant).<String>path("name")).isEqualTo("New name");
    Person stranger = Person.signIn();
    stranger.send(Map.of("name", "Mine")).patch("/v1/tenants/" + tenant).then().statusCode(404);
    stranger.ask().get("/v1/tenants/" + tenant + "/members").then().statusCode(404);
  }

  @Test
  void invitesAWalletThatAccepts() {
    Person guest = Person.signIn();
    String invitation = invite(owner, guest, "developer").path("id");
    invite(owner, guest, "viewer").then().statusCode(409);

    assertThat(guest.ask().get("/v1/me/invitations").<List<String>>path("data.id"))
        .containsExactly(invitation);
    Person.signIn()
        .send("")
        .post("/v1/me/invitations/" + invitation + "/accept")
        .then()
        .statusCode(404);
    assertThat(
            guest
                .send("")
                .post("/v1/me/invitations/" + invitation + "/accept")
                .<String>path("tenant_id"))
        .isEqualTo(tenant);

    Person member = guest.actingFor(tenant);
    assertThat(member.ask().get("/v1/me").<List<String>>path("roles")).containsExactly("developer");
    guest.send("").post("/v1/me/invitations/" + invitation + "/accept").then().statusCode(404);
    invite(owner, guest, "viewer").then().statusCode(409);
    assertThat(
            owner.ask().get("/v1/tenants/" + tenant + "/members").<List<String>>path("data.role"))
        .containsExactlyInAnyOrder("owner", "developer");
  }

  @Test
  void letsAnInvitationBeDeclinedOrWithdrawn() {
    Person guest = Person.signIn();
    String first = invite(owner, guest, "viewer").path("id");
    guest.send("").post("/v1/me/invitations/" + first + "/decline").then().statusCode(200);
    String second = invite(owner, guest, "viewer").path("id");

    owner.ask().delete("/v1/tenants/" + tenant + "/invitations/" + second).then().statusCode(204);

    guest.send("").post("/v1/me/invitations/" + second + "/accept").then().statusCode(404);
    assertThat(guest.ask().get("/v1/me/invitations").<List<String>>path("data")).isEmpty();
  }

  @Test
  void refusesInvitationsThatCannotBeMeant() {
    Map<String, String> notChecksummed =
        Map.of(
            "wallet",
            owner.wallet().address().toLowerCase(java.util.Locale.ROOT),
            "role",
            "viewer");
    owner.send(notChecksummed).post(invitations()).then().statusCode(422);
    owner
        .send(Map.of("wallet", Person.signIn().wallet().address(), "role", "owner"))
        .post(invitations())
        .then()
        .statusCode(422);
    owner
        .send(Map.of("wallet", Person.signIn().wallet().address(), "role", "operator"))
        .post(invitations())
        .then()
        .statusCode(422);
  }

  @Test
  void refusesTokensWithTheOldRoleWithinSeconds() throws Exception {
    Person member = member("viewer");

    owner
        .send(Map.of("role", "billing"))
        .patch("/v1/tenants/" + tenant + "/members/" + member.userId())
        .then()
        .statusCode(204);

    assertThat(Eventually.within(5_000, () -> member.meStatus() == 401)).isTrue();
    Person now = member.refreshed();
    assertThat(now.ask().get("/v1/me").<List<String>>path("roles")).containsExactly("billing");
  }

  @Test
  void letsAdminsLookAfterThoseBelowThemOnly() {
    Person admin = member("admin");
    Person viewer = member("viewer");
    String members = "/v1/tenants/" + tenant + "/members/";

    admin.send(Map.of("role", "developer")).patch(members + viewer.userId()).then().statusCode(204);
    admin.send(Map.of("role", "admin")).patch(members + viewer.userId()).then().statusCode(403);
    admin.send(Map.of("role", "viewer")).patch(members + owner.userId()).then().statusCode(403);
    admin.ask().delete(members + owner.userId()).then().statusCode(403);
    invite(admin, Person.signIn(), "admin").then().statusCode(403);
    invite(admin, Person.signIn(), "viewer").then().statusCode(201);
    viewer
        .refreshed()
        .send(Map.of("role", "viewer"))
        .patch(members + admin.userId())
        .then()
        .statusCode(403);
    viewer.refreshed().ask().delete(members + admin.userId()).then().statusCode(403);
  }

  @Test
  void removesAMemberWhoseTokensAreRefused() throws Exception {
    Person member = member("developer");

    owner
        .ask()
        .delete("/v1/tenants/" + tenant + "/members/" + member.userId())
        .then()
        .statusCode(200)
        .body("user_id", equalTo(member.userId()))
        .body("keys.id", equalTo(List.of("key_of_" + member.userId())))
        .body("revoke", equalTo("/v1/keys/revoke"));

    assertThat(Eventually.within(5_000, () -> member.meStatus() == 401)).isTrue();
    assertThat(Person.refresh(member.refreshToken()).statusCode()).isEqualTo(400);
    assertThat(Person.signIn(member.wallet()).tenantId()).isNotEqualTo(tenant);
  }

  @Test
  void letsAMemberLeaveButNotTheLastOwner() {
    Person member = member("viewer");

    member
        .ask()
        .delete("/v1/tenants/" + tenant + "/members/" + member.userId())
        .then()
        .statusCode(200);
    Response last = owner.ask().delete("/v1/tenants/" + tenant + "/members/" + owner.userId());

    assertThat(last.statusCode()).isEqualTo(409);
    assertThat(last.<String>path("code")).isEqualTo("last_owner");
    assertThat(
            owner
                .send(Map.of("role", "admin"))
                .patch("/v1/tenants/" + tenant + "/members/" + owner.userId())
                .<String>path("code"))
        .isEqualTo("last_owner");
  }

  @Test
  void transfersOwnership() {
    Person heir = member("viewer");

    owner
        .send(Map.of("user_id", heir.userId()))
        .post("/v1/tenants/" + tenant + "/owner")
        .then()
        .statusCode(204);

    assertThat(heir.refreshed().ask().get("/v1/me").<List<String>>path("roles"))
        .containsExactly("owner");
    assertThat(owner.refreshed().ask().get("/v1/me").<List<String>>path("roles"))
        .containsExactly("admin");
  }

  @Test
  void suspendsATenantForEverythingUntilItIsReinstated() throws Exception {
    Person operator = Person.operator();
    Person other = Person.signIn();
    operator
        .send(Map.of("reason", "did not pay"))
        .post("/v1/tenants/" + tenant + "/suspend")
        .then()
        .statusCode(200);

    assertThat(Eventually.within(5_000, () -> owner.meStatus() == 403)).isTrue();
    assertThat(owner.ask().get("/v1/me").<String>path("code")).isEqualTo("tenant_suspended");
    assertThat(Person.refresh(owner.refreshToken()).statusCode()).isEqualTo(400);
    Response signIn = Person.tryToSignIn(owner.wallet());
    assertThat(signIn.statusCode()).isEqualTo(403);
    assertThat(signIn.<String>path("code")).isEqualTo("tenant_suspended");
    assertThat(other.meStatus()).isEqualTo(200);
    assertThat(operator.meStatus()).isEqualTo(200);

    operator
        .send(Map.of("reason", "paid"))
        .post("/v1/tenants/" + tenant + "/reinstate")
        .then()
        .statusCode(200);
    assertThat(Eventually.within(5_000, () -> owner.meStatus() == 200)).isTrue();
    assertThat(Person.refresh(owner.refreshToken()).statusCode()).isEqualTo(200);
    owner
        .send(Map.of("reason", "x"))
        .post("/v1/tenants/" + tenant + "/suspend")
        .then()
        .statusCode(403);
  }

  private String invitations() {
    return "/v1/tenants/" + tenant + "/invitations";
  }

  private Response invite(Person by, Person guest, String role) {
    return by.send(Map.of("wallet", guest.wallet().address(), "role", role)).post(invitations());
  }

  private Person member(String role) {
    Person guest = Person.signIn();
    String invitation = invite(owner, guest, role).path("id");
    guest.send("").post("/v1/me/invitations/" + invitation + "/accept").then().statusCode(200);
    return guest.actingFor(tenant);
  }
}
