package io.naap.auth.limit;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.naap.auth.Person;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@TestProfile(ClientLimitsTest.Strict.class)
class ClientLimitsTest {
  private static final int PER_ADDRESS = 8;
  private static final int FAILURES = 3;

  /** Low limits that a test can reach. */
  public static class Strict implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "naap.auth.limits.per-address", Integer.toString(PER_ADDRESS),
          "naap.auth.limits.failures-per-client", Integer.toString(FAILURES));
    }
  }

  @Test
  void limitsNoncesOfOneAddressAndOfNoOther() {
    Response refused = tooMany(PER_ADDRESS, 200, () -> from("203.0.113.1").get("/auth/siwe/nonce"));

    refused
        .then()
        .contentType("application/problem+json")
        .body("code", equalTo("too_many_attempts"))
        .body("'violated-policies'[0]", equalTo("attempts_per_minute"));
    assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
    from("203.0.113.2").get("/auth/siwe/nonce").then().statusCode(200);
  }

  @Test
  void limitsSignInsOfOneAddress() {
    tooMany(
        PER_ADDRESS,
        422,
        () ->
            from("203.0.113.3")
                .contentType("application/json")
                .body("{\"message\":\"x\",\"signature\":\"0x\"}")
                .post("/auth/siwe/verify"));
  }

  @Test
  void limitsTokenRequestsOfOneAddress() {
    tooMany(
        PER_ADDRESS,
        400,
        () ->
            from("203.0.113.4")
                .formParam("grant_type", "refresh_token")
                .formParam("refresh_token", "guess")
                .post("/oauth/token"));
  }

  @Test
  void limitsDevicesThatOneAddressBegins() {
    tooMany(
        PER_ADDRESS,
        200,
        () ->
            from("203.0.113.5").formParam("client_id", "cli").post("/oauth/device_authorization"));
  }

  @Test
  void limitsWrongSecretsForOneProgramFromAnyAddressAndStillTakesTheRightOne() {
    List<String> addresses = new ArrayList<>();
    Response refused =
        tooMany(
            FAILURES,
            401,
            () -> {
              addresses.add("198.51.100." + (addresses.size() + 1));
              return from(addresses.getLast())
                  .auth()
                  .preemptive()
                  .basic("router", "a-wrong-secret")
                  .formParam("grant_type", "client_credentials")
                  .post("/oauth/token");
            });

    refused.then().body("'violated-policies'[0]", equalTo("failures_per_minute"));
    from("198.51.100.100")
        .auth()
        .preemptive()
        .basic("router", "router-secret-of-the-tests")
        .formParam("grant_type", "client_credentials")
        .post("/oauth/token")
        .then()
        .statusCode(200);
  }

  @Test
  void limitsHowManyDeviceCodesOnePersonGuesses() {
    Person person = Person.signIn();
    List<String> addresses = new ArrayList<>();

    tooMany(
        FAILURES,
        404,
        () -> {
          addresses.add("192.0.2." + (addresses.size() + 1));
          return person
              .ask()
              .header("X-Forwarded-For", addresses.getLast())
              .queryParam("user_code", "BBBB-BBBB")
              .get("/v1/device");
        });
  }

  @Test
  void limitsWrongSignaturesOfOneBrowser() {
    List<String> addresses = new ArrayList<>();
    String message =
        """
        localhost:8080 wants you to sign in with your Ethereum account:
        0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266


        URI: http://localhost:8080
        Version: 1
        Chain ID: 1
        Nonce: abcdefgh1234
        Issued At: 2026-01-01T00:00:00Z""";

    tooMany(
        FAILURES,
        401,
        () -> {
          addresses.add("192.0.2." + (addresses.size() + 101));
          return from(addresses.getLast())
              .cookie("naap_siwe", "one-browser")
              .contentType("application/json")
              .body(Map.of("message", message, "signature", "0x" + "00".repeat(65)))
              .post("/auth/siwe/verify");
        });
  }

  /**
   * Entries to the left of the hop that our proxy appended come from the client and are ignored.
   */
  @Test
  void aClientThatInventsHopsIsStillOneClient() {
    List<String> lies = new ArrayList<>();

    tooMany(
        PER_ADDRESS,
        200,
        () -> {
          lies.add("10.9." + lies.size() % 250 + ".1, 8.8.8." + lies.size() % 250);
          return given()
              .header("X-Forwarded-For", lies.getLast() + ", 198.51.100.77")
              .get("/auth/siwe/nonce");
        });
  }

  @Test
  void addressesOfOneIpv6NetworkAreOneClient() {
    List<String> addresses = new ArrayList<>();

    tooMany(
        PER_ADDRESS,
        200,
        () -> {
          addresses.add("2001:db8:7:7::" + Integer.toHexString(addresses.size() + 1));
          return from(addresses.getLast()).get("/auth/siwe/nonce");
        });
  }

  /**
   * Sends requests until one is refused with 429. More than {@code limit} must be answered with the
   * status {@code before} first; twice as many are allowed, because a new minute may start
   * meanwhile.
   */
  private static Response tooMany(int limit, int before, Supplier<Response> request) {
    for (int asked = 1; asked <= 2 * limit + 2; asked++) {
      Response answer = request.get();
      if (answer.statusCode() == 429) {
        assertThat(asked).as("answers before the refusal").isGreaterThan(limit);
        return answer;
      }
      assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(before);
    }
    throw new AssertionError("never refused");
  }

  private static RequestSpecification from(String address) {
    return given().header("X-Forwarded-For", address);
  }
}
