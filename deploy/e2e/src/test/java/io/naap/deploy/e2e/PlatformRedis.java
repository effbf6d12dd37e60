package io.naap.deploy.e2e;

import io.naap.deploy.local.Platform;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Properties;

/** The platform's own Redis, for tests that alter what is in it. */
final class PlatformRedis {
  private PlatformRedis() {}

  /** One command; its answer as text, empty for none. */
  static String command(Platform platform, String... command) {
    try {
      Properties configuration = new Properties();
      try (Reader file =
          Files.newBufferedReader(
              platform.data().resolve("config").resolve("clearinghouse-service.properties"))) {
        configuration.load(file);
      }
      URI address = URI.create(configuration.getProperty("quarkus.redis.hosts"));
      try (Socket socket = new Socket(address.getHost(), address.getPort());
          BufferedReader answer =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
        socket
            .getOutputStream()
            .write((String.join(" ", command) + "\r\n").getBytes(StandardCharsets.UTF_8));
        String line = answer.readLine();
        return switch (line.charAt(0)) {
          case '$' -> line.equals("$-1") ? "" : answer.readLine();
          case ':', '+' -> line.substring(1);
          default -> throw new IllegalStateException(line);
        };
      }
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }
}
