package io.naap.auth.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.Person;
import io.naap.contracts.testing.RawClient;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests bodies that unauthenticated clients start and do not finish. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@TestProfile(UnfinishedBodiesTest.Impatient.class)
class UnfinishedBodiesTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** Short deadlines that a test can wait for. */
  public static class Impatient implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "naap.edge.body-first-byte", "1s",
          "naap.edge.body-total", "3s",
          "naap.edge.head-within", "2s",
          "naap.edge.keep-alive", "4s",
          "naap.edge.stalled-reader", "2s");
    }
  }

  @TestHTTPResource URI server;

  @Test
  void refusesALargeBodyBeforeItIsRead() throws Exception {
    try (RawClient clients = RawClient.open(server, 80)) {
      clients.send(
          """
          POST /auth/siwe/verify HTTP/1.1\r
          Host: localhost\r
          Content-Type: application/json\r
          Content-Length: 1048576\r
          \r
          {"message":\"""");

      assertThat(clients.statuses(SOON)).containsOnly(413);
      assertThat(clients.areClosedWithin(SOON)).isTrue();
    }
    assertThat(Person.signIn()).isNotNull();
  }

  @Test
  void holdsToTheLimitOfAPathHoweverItIsSpelled() throws Exception {
    for (String path :
        List.of("/oauth/token/", "/oauth/%74oken", "/oauth/introspect/", "/oauth/revoke/")) {
      try (RawClient clients = RawClient.open(server, 1)) {
        clients.send(
            "POST "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n");

        assertThat(clients.statuses(SOON)).as(path).containsOnly(413);
      }
    }
  }

  @Test
  void refusesALargeBodyThatDoesNotSayItsLength() throws Exception {
    try (RawClient clients = RawClient.open(server, 20)) {
      clients.send(
          "POST /auth/siwe/verify HTTP/1.1\r\nHost: localhost\r\n"
              + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "4000\r\n"
              + " ".repeat(0x4000)
              + "\r\n");

      assertThat(clients.statuses(SOON)).containsOnly(413);
      assertThat(clients.areClosedWithin(SOON)).isTrue();
    }
  }

  @Test
  void endsABodyThatDoesNotGoOn() throws Exception {
    try (RawClient clients = RawClient.open(server, 200)) {
      clients.send(
          "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n"
              + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8000\r\n\r\ng");

      assertThat(Person.signIn()).isNotNull();
      assertThat(clients.statuses(SOON)).containsOnly(408);
      assertThat(clients.areClosedWithin(SOON)).isTrue();
    }
  }

  @Test
  void endsConnectionsThatSendNothingOrHalfAHead() throws Exception {
    Person.signIn();
    try (RawClient silent = RawClient.open(server, 20);
        RawClient half = RawClient.open(server, 20);
        RawClient idle = RawClient.open(server, 1)) {
      half.send("GET /auth/siwe/nonce HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
      idle.send("GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n");

      for (int i = 0; i < 3; i++) {
        half.dripWithin(Duration.ofMillis(600));
      }

      assertThat(silent.areClosedWithin(SOON)).isTrue();
      assertThat(half.areClosedWithin(SOON)).isTrue();
      assertThat(idle.statuses(SOON)).containsOnly(200);
      assertThat(idle.areClosedWithin(SOON)).isTrue();
    }
  }

  @Test
  void refusesTextThatIsNotUtf8AndEncodedBodies() throws Exception {
    assertThat(status("GET /auth/siwe/nonce?a=%C1%A4 HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo(400);
    assertThat(
            status("GET /auth/siwe/nonce HTTP/1.1\r\nHost: a\r\nUser-Agent: \u00c1\u00a4\r\n\r\n"))
        .isEqualTo(400);
    assertThat(
            status(
                "POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n"
                    + "Content-Length: 3\r\n\r\nabc"))
        .isEqualTo(415);
    assertThat(
            status(
                "POST /auth/siwe/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 17\r\n\r\n{\"messa\u00c1\u00a7e\":\"abc\"}"))
        .isEqualTo(400);
  }

  @Test
  void asksForACredentialBeforeItReads() throws Exception {
    try (RawClient clients = RawClient.open(server, 10)) {
      clients.send(
          "POST /v1/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: 500000\r\n\r\n{");

      assertThat(clients.statuses(SOON)).containsOnly(401);
      assertThat(clients.areClosedWithin(SOON)).isTrue();
    }
  }

  private int status(String request) throws Exception {
    try (RawClient client = RawClient.open(server, 1)) {
      client.send(request);
      return client.statuses(SOON).getFirst();
    }
  }
}
