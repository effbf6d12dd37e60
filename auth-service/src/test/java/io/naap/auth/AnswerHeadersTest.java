package io.naap.auth;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * Tests the headers that tell caches and browsers what to do. All five services use the same
 * filter.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class AnswerHeadersTest {
  @TestHTTPResource("/")
  URL root;

  @Test
  void noCacheKeepsWhatACredentialWasAnswered() {
    Person person = Person.signIn();

    assertThat(person.ask().get("/v1/me").header("Cache-Control")).isEqualTo("no-store");
    assertThat(given().auth().oauth2("wrong").get("/v1/me").header("Cache-Control"))
        .isEqualTo("no-store");
    assertThat(given().cookie("naap_siwe", "x").get("/auth/siwe/nonce").header("Cache-Control"))
        .isEqualTo("no-store");
    assertThat(person.ask().get("/nothing").header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(given().get("/v1/me").header("X-Content-Type-Options")).isEqualTo("nosniff");
  }

  @Test
  void twoHostsAreOneTooMany() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), root.getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /v1/me HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void aQueryThatNoStoreCanHoldIsRefusedAndNamesNoClass() {
    for (String query : new String[] {"cursor=%00", "limit=%C0%80", "x=%ED%A0%80", "q=%01"}) {
      var answer = Person.signIn().ask().urlEncodingEnabled(false).get("/v1/sessions?" + query);

      assertThat(answer.statusCode()).as(query).isEqualTo(400);
      assertThat(answer.asString()).doesNotContain("java.").doesNotContain("io.naap.");
    }
  }
}
