package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.Socket;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which headers reach a gateway, and which come back from it. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(20)
class HeadersTest extends RawConversation {
  // --- headers ---

  @Test
  void noHeaderGoesThroughThatIsNotMeantTo() throws Exception {
    RawGateway.plays(
        socket ->
            socket.write(
                """
                HTTP/1.1 200 OK
                Content-Type: text/plain
                Content-Length: 2
                Connection: keep-alive, x-secret
                X-Secret: 1
                Keep-Alive: timeout=5
                Set-Cookie: a=b
                Server: go
                Livepeer-Balance: 7
                X-Orchestrator-Url: https://o
                x-naap-cost: 0 USD
                x-request-id: theirs
                RateLimit: "x";r=9

                ok\
                """
                    .replace("\n", "\r\n")));
    String forged =
        """
        Livepeer: %s
        Signer-Auth-Id: x
        Livepeer-Payment: y
        Livepeer-Segment: z
        Cookie: a=b
        Proxy-Authorization: p
        TE: trailers
        X-Hop: 1
        Trailer: t
        X-Forwarded-For: 9.9.9.9
        X-Tenant: ten_other
        x-naap-tenant: ten_other
        x-request-id: req_01kaq3v7g8e2nb0p4m6r9t1x5z
        Forwarded: for=9.9.9.9
        """
            .formatted(byoc())
            .replace("\n", "\r\n");

    String answer;
    try (Socket socket = send("POST /process/request/x", forged, "{}")) {
      answer = read(socket, "\r\nok").toLowerCase(Locale.ROOT);
    }

    String sent = RawGateway.last().head.toLowerCase(Locale.ROOT);
    assertThat(sent).contains("livepeer: ", "content-type: application/json", "x-request-id: req_");
    assertThat(sent)
        .doesNotContain(
            "signer-",
            "livepeer-",
            "cookie",
            "authorization",
            "te:",
            "x-hop",
            "trailer:",
            "forwarded",
            "tenant",
            "req_01kaq3v7g8e2nb0p4m6r9t1x5z",
            "naap_");
    assertThat(answer).contains("x-naap-route: pool=raw", "x-request-id: req_");
    assertThat(answer)
        .doesNotContain(
            "x-secret",
            "keep-alive",
            "set-cookie",
            "server: go",
            "livepeer-",
            "orchestrator",
            "0 usd",
            "theirs",
            "\"x\";r=9");
  }
}
