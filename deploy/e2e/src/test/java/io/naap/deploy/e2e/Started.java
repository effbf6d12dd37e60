package io.naap.deploy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The one platform that all tests of a run share; it ends with the tests. */
final class Started {
  private static final Set<String> SECRET_FIELDS =
      Set.of(
          "key",
          "access_token",
          "refresh_token",
          "client_secret",
          "device_code",
          "user_code",
          "nonce");
  private static final Map<String, String> SECRETS = new ConcurrentHashMap<>();
  private static final Set<String> ALARMED = ConcurrentHashMap.newKeySet();
  private static final Platform PLATFORM = start();

  private Started() {}

  static Platform platform() {
    return PLATFORM;
  }

  /** Every secret that any test was given until now, and what it is. */
  static Map<String, String> secrets() {
    return Map.copyOf(SECRETS);
  }

  /** A test damages this on purpose: errors of the log that name it are what it wants. */
  static void alarms(String id) {
    ALARMED.add(id);
  }

  /** Whether a line of a log is an alarm that a test asked for. */
  static boolean isAskedFor(String line) {
    return ALARMED.stream().anyMatch(line::contains);
  }

  private static void remember(Api.Answer answer) {
    if (answer.header("content-type").startsWith("application/json")) {
      remember(answer.json());
    }
  }

  private static void remember(JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String text = field.getValue().asText();
      if (SECRET_FIELDS.contains(field.getKey()) && text.length() >= 8) {
        SECRETS.put(text, field.getKey());
      }
    }
    node.forEach(Started::remember);
  }

  private static Platform start() {
    Api.observe(Started::remember);
    try {
      Path data = Files.createTempDirectory("naap-e2e");
      Platform platform =
          Platform.start(
              Repository.ROOT,
              step -> System.out.println("platform: " + step),
              "--disposable",
              "--data",
              data.toString(),
              "--port-base",
              String.valueOf(Platform.freePortBase()));
      Runtime.getRuntime().addShutdownHook(new Thread(platform::close));
      return platform;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
