package io.naap.auth.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.Person;
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

/** Actions that cannot be undone require a sign-in of the last minutes (RFC 9470). */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class RecentSignInTest {
  @Inject Transactions transactions;

  private Person owner;

  @BeforeEach
  void signIn() {
    owner = Person.signIn();
  }

  /** The same session, with its sign-in moved back by so many minutes. */
  private Person after(Person person, int minutes) {
    transactions.run(
        tx ->
            tx.change(
                "update sessions set created_at = now() - make_interval(mins => $2)"
                    + " where user_id = $1",
                person.userId(),
                minutes));
    return person.refreshed();
  }

  private static void asksForASignIn(Response answer) {
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(401);
    assertThat(answer.<String>path("code")).isEqualTo("insufficient_user_authentication");
    assertThat(answer.header("WWW-Authenticate"))
        .startsWith("Bearer error=\"insufficient_user_authentication\"")
        .contains("max_age=\"900\"");
  }

  @Test
  void anOldSignInMakesNoSecretAndChangesNoOwner() {
    String accounts = "/v1/service-accounts";
    String tenant = "/v1/tenants/" + owner.tenantId();
    Person old = after(owner, 16);

    asksForASignIn(old.send(Map.of("name", "a", "role", "viewer")).post(accounts));
    asksForASignIn(old.send(Map.of("user_id", Person.signIn().userId())).post(tenant + "/owner"));
    asksForASignIn(old.ask().delete(tenant + "/members/" + Person.signIn().userId()));

    asksForASignIn(
        old.send(Map.of("wallet", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "role", "admin"))
            .post(tenant + "/invitations"));
    asksForASignIn(
        old.send(Map.of("role", "owner")).patch(tenant + "/members/" + Person.signIn().userId()));
    asksForASignIn(old.send(Map.of("user_code", "BCDF-GHJK", "approve", true)).post("/v1/device"));

    assertThat(old.ask().get(accounts).<List<?>>path("data")).isEmpty();
    assertThat(old.ask().get("/v1/me").statusCode()).isEqualTo(200);
    Person again = Person.signIn(owner.wallet());
    again.send(Map.of("name", "a", "role", "viewer")).post(accounts).then().statusCode(201);
  }

  @Test
  void aSignInOfAFewMinutesAgoIsEnoughAlsoAfterRefreshing() {
    Person lately = after(owner, 14).refreshed();

    lately
        .send(Map.of("name", "a", "role", "viewer"))
        .post("/v1/service-accounts")
        .then()
        .statusCode(201);
  }

  @Test
  void aPersonHasABoundedNumberOfSessions() {
    Person first = owner;
    for (int more = 0; more < 50; more++) {
      Person.signIn(owner.wallet());
    }

    assertThat(Person.refresh(first.refreshToken()).statusCode()).isEqualTo(400);
    Person last = Person.signIn(owner.wallet());
    assertThat(last.ask().queryParam("limit", 100).get("/v1/sessions").<List<?>>path("data"))
        .hasSize(50);
  }
}
