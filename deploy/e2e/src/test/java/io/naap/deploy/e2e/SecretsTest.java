package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * No secret that any test of this run was given reaches a log, a metric or a store: it runs last.
 */
@Order(Integer.MAX_VALUE)
class SecretsTest {
  private static final Platform PLATFORM = Started.platform();
  private static final List<String> SERVICES =
      List.of("auth", "keys", "metering", "router", "clearinghouse");

  @Test
  void keepsEverySecretOutOfLogsAndMetrics() throws IOException {
    Api api = new Api(PLATFORM.origin());
    Api.Session tenant = api.signIn(Wallets.random());
    String key = api.createKey(tenant, "{\"name\":\"secret\"}").path("key").asText();
    api.post("/text-to-image", key, "{\"prompt\":\"a very private prompt\"}");
    api.get("/v1/me", tenant.accessToken() + "x");

    Map<String, String> secrets = new HashMap<>();
    Started.secrets()
        .forEach((secret, what) -> secrets.put(what + " " + secret.hashCode(), secret));
    secrets.put("API key", key);
    secrets.put("the key's secret part", key.substring(22, 54));
    secrets.put("access token", tenant.accessToken());
    secrets.put("refresh token", tenant.refreshToken());
    secrets.put("prompt", "a very private prompt");
    try (Stream<Path> files = Files.list(PLATFORM.data().resolve("secrets"))) {
      for (Path file : files.toList()) {
        secrets.put(file.getFileName().toString(), Files.readString(file).strip());
      }
    }

    List<String> texts = new ArrayList<>();
    try (Stream<Path> logs = Files.list(PLATFORM.data().resolve("logs"))) {
      for (Path log : logs.toList()) {
        texts.add(Files.readString(log));
      }
    }
    for (String service : SERVICES) {
      texts.add(new Api(PLATFORM.management(service)).get("/q/metrics", null).expect(200).text());
    }

    // The files of the stores hold every row, every log of a change, and every command.
    texts.addAll(files(PLATFORM.data().resolve("redis")));
    texts.addAll(files(PLATFORM.data().resolve("postgres")));

    assertThat(texts).hasSizeGreaterThan(100);
    assertThat(secrets).hasSizeGreaterThan(10);
    secrets.forEach(
        (name, secret) ->
            assertThat(texts.stream().anyMatch(text -> text.contains(secret))).as(name).isFalse());
  }

  private static List<String> files(Path folder) throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try {
          texts.add(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException rotatedAway) {
          // Stores remove files of their own while they run.
        }
      }
    }
    return texts;
  }

  @Test
  void logsOneJsonObjectALineAndNoErrorButTheAlarmsThatTestsAskFor() throws IOException {
    for (String service : SERVICES) {
      Path log = PLATFORM.data().resolve("logs").resolve(service + "-service.log");
      List<String> lines = Files.readAllLines(log);
      assertThat(lines).isNotEmpty().allMatch(line -> line.startsWith("{"), "is JSON");
      assertThat(lines)
          .filteredOn(line -> line.contains("\"level\":\"ERROR\"") && !Started.isAskedFor(line))
          .as(service)
          .isEmpty();
    }
  }
}
