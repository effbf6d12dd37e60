package io.naap.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTableTest {
  private final PathTable table = PathTable.read(Path.of("../../k8s/naap/paths.yaml"));

  @ParameterizedTest
  @CsvSource({
    "/, AUTH",
    "/auth/siwe/nonce, AUTH",
    "/.well-known/jwks.json, AUTH",
    "/v1/keys, KEYS",
    "/v1/keys/key_1, KEYS",
    "/v1/authz, KEYS",
    "/hooks/github/secret-scanning, KEYS",
    "/v1/usage/events, METERING",
    "/v1/chat/completions, ROUTER",
    "/live/video-to-video/s/whip, ROUTER",
    "/v1/balance, CLEARINGHOUSE"
  })
  void sendsAPathToItsService(String path, Service service) {
    assertThat(table.serviceOf(path)).contains(service);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/internal/keys/resolve",
        "/hooks/gateways/secret/live-auth",
        "/q/health",
        "/v1/keysx",
        "/v1",
        "/v1/authzx",
        "/hooks/gitlab",
        "/generate-live-payment"
      })
  void keepsWhatIsNotPublicInside(String path) {
    assertThat(table.serviceOf(path)).isEmpty();
  }
}
