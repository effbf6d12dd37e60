package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens and paths, as the whole platform reads them. */
class TokenTest {
  private static final Platform PLATFORM = Started.platform();
  private static final Map<String, String> PROTECTED =
      Map.of(
          "auth", "/v1/me",
          "keys", "/v1/keys",
          "metering", "/v1/usage",
          "clearinghouse", "/v1/balance");

  @Test
  void letsARealTokenInEverywhereAndAnAlteredOneNowhere() {
    Api api = new Api(PLATFORM.origin());
    String token = api.signIn(Wallets.random()).accessToken();
    List<String> parts = List.of(token.split("\\.", -1));
    String altered = parts.get(0) + "." + flipped(parts.get(1)) + "." + parts.get(2);
    String unsigned = parts.get(0) + "." + parts.get(1) + ".";

    PROTECTED.forEach(
        (service, path) -> {
          assertThat(api.get(path, token).status()).as(service).isEqualTo(200);
          assertThat(api.get(path, altered).status()).as(service).isEqualTo(401);
          assertThat(api.get(path, unsigned).status()).as(service).isEqualTo(401);
          assertThat(api.get(path, null).status()).as(service).isEqualTo(401);
        });
    assertThat(api.get("/v1/models", token).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/keys;a=b", "/v1/%6beys%2f", "/v1//keys", "/v1/./keys", "/v1/x/../keys", "/v1/keys%3b",
        "/v1/keys%00", "/V1/KEYS", "/v1/keys%2e", "/v1/%2e%2e/v1/keys", "/v1\\keys", "/v1/keys/%2f"
      })
  void readsAPathInOneSpellingOnly(String path) throws Exception {
    // A raw socket: no client tidies the path up.
    try (java.net.Socket socket =
        new java.net.Socket(
            java.net.InetAddress.getLoopbackAddress(), PLATFORM.direct("keys").getPort())) {
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      String answer =
          new String(
              socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

      assertThat(answer).doesNotContain("HTTP/1.1 200").startsWith("HTTP/1.1 4");
    }
  }

  @Test
  void keepsInternalEndpointsInside() {
    Api api = new Api(PLATFORM.origin());
    Api.Session operator = api.signIn(PLATFORM.operator());

    assertThat(api.post("/internal/keys/resolve", operator.accessToken(), "{}").status())
        .isEqualTo(404);
    Api keys = new Api(PLATFORM.direct("keys"));
    assertThat(
            keys.post("/internal/keys/resolve", operator.accessToken(), "{\"key\":\"a\"}").status())
        .isEqualTo(403);
  }

  private static String flipped(String part) {
    char last = part.charAt(part.length() - 3);
    return part.substring(0, part.length() - 3)
        + (last == 'A' ? 'B' : 'A')
        + part.substring(part.length() - 2);
  }
}
