package io.naap.auth.device;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.Person;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class DeviceTest {
  @Inject Transactions transactions;

  @Test
  void signsADeviceInOnceSomebodyApproves() throws Exception {
    Response begun = begin();
    String deviceCode = begun.path("device_code");
    String userCode = begun.path("user_code");
    assertThat(userCode).matches("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}");
    assertThat(begun.<String>path("verification_uri_complete")).endsWith("user_code=" + userCode);
    assertThat(ask(deviceCode, "cli").<String>path("error")).isEqualTo("authorization_pending");
    assertThat(ask(deviceCode, "cli").<String>path("error")).isEqualTo("slow_down");

    Person person = Person.signIn();
    assertThat(
            person
                .ask()
                .queryParam("user_code", userCode.toLowerCase(java.util.Locale.ROOT))
                .get("/v1/device")
                .<String>path("client"))
        .isEqualTo("cli");
    decide(person, userCode, true).then().statusCode(204);
    Response tokens = ask(deviceCode, "cli");

    assertThat(tokens.statusCode()).as(tokens.asString()).isEqualTo(200);
    assertThat(tokens.<String>path("user_id")).isEqualTo(person.userId());
    given().auth().oauth2(tokens.path("access_token")).get("/v1/sessions").then().statusCode(200);
    assertThat(ask(deviceCode, "cli").<String>path("error")).isEqualTo("expired_token");
    decide(person, userCode, true).then().statusCode(404);
  }

  @Test
  void tellsADeviceThatWasDenied() {
    Response begun = begin();

    decide(Person.signIn(), begun.path("user_code"), false).then().statusCode(204);

    assertThat(ask(begun.path("device_code"), "cli").<String>path("error"))
        .isEqualTo("access_denied");
    assertThat(ask(begun.path("device_code"), "cli").<String>path("error"))
        .isEqualTo("expired_token");
  }

  @Test
  void refusesACodeOfAnotherProgramAndOneThatIsOver() {
    Response begun = begin();
    decide(Person.signIn(), begun.path("user_code"), true).then().statusCode(204);
    assertThat(ask(begun.path("device_code"), "other").<String>path("error"))
        .isEqualTo("expired_token");

    transactions.run(
        tx -> tx.change("update device_grants set expires_at = now() - interval '1 second'"));
    assertThat(ask(begun.path("device_code"), "cli").<String>path("error"))
        .isEqualTo("expired_token");
  }

  @Test
  void storesNoCodeAsItIs() {
    Response begun = begin();
    String rows =
        transactions
            .run(tx -> tx.query("select string_agg(g::text, ' ') r from device_grants g"))
            .getFirst()
            .getString("r");

    assertThat(rows)
        .doesNotContain(begun.<String>path("device_code"))
        .doesNotContain(begun.<String>path("user_code").replace("-", ""));
  }

  private static Response begin() {
    Response begun = given().formParam("client_id", "cli").post("/oauth/device_authorization");
    assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(200);
    return begun;
  }

  private static Response decide(Person person, String userCode, boolean approve) {
    return person.send(Map.of("user_code", userCode, "approve", approve)).post("/v1/device");
  }

  private static Response ask(String deviceCode, String client) {
    return given()
        .formParam("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        .formParam("device_code", deviceCode)
        .formParam("client_id", client)
        .post("/oauth/token");
  }
}
