package io.naap.contracts.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
  private static Vertx vertx;
  private static HttpServer server;
  private static volatile ClientAddress rule;

  @BeforeAll
  static void listen() {
    vertx = Vertx.vertx();
    server =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.response().end(rule.of(request)))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  @AfterAll
  static void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private static String seen(ClientAddress by, String... headers) throws Exception {
    rule = by;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort())) {
      StringBuilder request =
          new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
      for (String header : headers) {
        request.append(header).append("\r\n");
      }
      socket
          .getOutputStream()
          .write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(answer);
      String text = answer.toString(StandardCharsets.UTF_8);
      return text.substring(text.indexOf("\r\n\r\n") + 4);
    }
  }

  /**
   * Our proxy appends a comma and its own element; an unclosed quote of the client must not swallow
   * it.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=9.9.9.9;x=\", for=203.0.113.7;proto=https",
        "for=9.9.9.9;x=\"\\\", for=203.0.113.7",
        "for=\"[2001:db8::9]\";x=\", for=203.0.113.7"
      },
      quoteCharacter = '\'')
  void anOpenQuoteOfTheClientMakesNoAddress(String forwarded) throws Exception {
    ClientAddress reads = new ClientAddress(List.of("127.0.0.0/8"), ClientAddress.Source.FORWARDED);

    assertThat(seen(reads, "Forwarded: " + forwarded)).isEqualTo("127.0.0.1");
  }

  private static final ClientAddress TRUSTING =
      new ClientAddress(List.of("127.0.0.0/8", "10.0.0.0/8", "2001:db8:f::/48"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          X-Forwarded-For: 203.0.113.9                              | 203.0.113.9
          X-Forwarded-For: 1.2.3.4, 203.0.113.9                     | 203.0.113.9
          X-Forwarded-For: 1.2.3.4, 203.0.113.9, 10.0.0.7           | 203.0.113.9
          X-Forwarded-For: 203.0.113.9:51234                        | 203.0.113.9
          X-Forwarded-For: [2001:db8::9]:443                        | 2001:db8::9
          X-Forwarded-For: 2001:DB8:0:0:0:0:0:9                     | 2001:db8::9
          X-Forwarded-For: ::ffff:203.0.113.9                       | 203.0.113.9
          X-Forwarded-For: fe80::1%eth0                             | fe80::1
          X-Forwarded-For: 203.0.113.9, [2001:db8:f::1]:80          | 203.0.113.9
          X-Forwarded-For: 203.0.113.9, unknown                     | 127.0.0.1
          X-Forwarded-For: 203.0.113.9, 10.0.0.7, not an address    | 127.0.0.1
          X-Forwarded-For: 203.0.113.9,                             | 127.0.0.1
          X-Forwarded-For: 203.0.113.9:99999999                     | 127.0.0.1
          X-Real-IP: 203.0.113.9                                    | 203.0.113.9
          Forwarded: for=203.0.113.9                                | 203.0.113.9
          Forwarded: for=1.2.3.4, For="203.0.113.9:80";proto=https  | 203.0.113.9
          Forwarded: proto=http;for="[2001:db8::9]:4711";by=x       | 2001:db8::9
          Forwarded: for="1.2.3.4, for=5.6.7.8";x, for=203.0.113.9  | 203.0.113.9
          Forwarded: for=203.0.113.9, for=_hidden                   | 127.0.0.1
          Forwarded: for=203.0.113.9, proto=https                   | 127.0.0.1
          Accept: nothing                                           | 127.0.0.1
          """)
  void isTheLastHopThatNoneOfOurProxiesIs(String header, String expected) throws Exception {
    assertThat(seen(TRUSTING, header)).isEqualTo(expected);
  }

  /**
   * A proxy that appends to the header, as Traefik and cloud load balancers do, with a client that
   * sends a forged header.
   */
  @Test
  void aClientThatWritesHopsOfItsOwnIsStillItself() throws Exception {
    for (int lie = 0; lie < 200; lie++) {
      assertThat(
              seen(TRUSTING, "X-Forwarded-For: 10.0." + lie + ".1, 8.8.8." + lie + ", 203.0.113.9"))
          .isEqualTo("203.0.113.9");
    }
    assertThat(seen(TRUSTING, "X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 203.0.113.9"))
        .isEqualTo("203.0.113.9");
    assertThat(seen(TRUSTING, "Forwarded: for=1.1.1.1", "X-Forwarded-For: 203.0.113.9"))
        .isEqualTo("203.0.113.9");
    assertThat(seen(TRUSTING, "X-Real-IP: 1.1.1.1", "X-Forwarded-For: 203.0.113.9"))
        .isEqualTo("203.0.113.9");
  }

  @Test
  void onlyForwardedIsReadWhereTheProxyWritesThat() throws Exception {
    ClientAddress forwarded =
        new ClientAddress(List.of("127.0.0.0/8"), ClientAddress.Source.FORWARDED);

    assertThat(seen(forwarded, "X-Forwarded-For: 1.1.1.1", "Forwarded: for=203.0.113.9"))
        .isEqualTo("203.0.113.9");
    assertThat(seen(forwarded, "X-Forwarded-For: 1.1.1.1")).isEqualTo("127.0.0.1");
  }

  @Test
  void believesNobodyWhoIsNoTrustedProxy() throws Exception {
    ClientAddress nobody = new ClientAddress(List.of());

    assertThat(
            seen(
                nobody, "X-Forwarded-For: 1.1.1.1", "X-Real-IP: 2.2.2.2", "Forwarded: for=3.3.3.3"))
        .isEqualTo("127.0.0.1");
  }
}
