package io.naap.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A platform that runs on this machine, as another command finds it.
 *
 * @param control where the simulator tells what it saw, if it runs
 */
record Running(URI origin, Wallet operator, Wallet demo, Optional<URI> control) {
  private static final String FILE = "run/platform.json";

  /** Written by the platform when it is ready. */
  static void announce(Path data, URI origin, Optional<URI> control) {
    try {
      Files.writeString(
          data.resolve(FILE),
          new ObjectMapper()
              .createObjectNode()
              .put("origin", origin.toString())
              .put("control", control.map(URI::toString).orElse(null))
              .put("pid", ProcessHandle.current().pid())
              .toString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  static void withdraw(Path data) {
    try {
      Files.deleteIfExists(data.resolve(FILE));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  static Optional<Running> find(Options options) {
    Path file = options.data().resolve(FILE);
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      JsonNode found = new ObjectMapper().readTree(Files.readString(file));
      boolean alive =
          ProcessHandle.of(found.path("pid").asLong()).map(ProcessHandle::isAlive).orElse(false);
      if (!alive) {
        return Optional.empty();
      }
      Secrets secrets = new Secrets(options.data().resolve("secrets"));
      return Optional.of(
          new Running(
              URI.create(found.path("origin").asText()),
              Wallet.of(secrets.hex("operator-wallet")),
              Wallet.of(secrets.hex("demo-wallet")),
              found.hasNonNull("control")
                  ? Optional.of(URI.create(found.path("control").asText()))
                  : Optional.empty()));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
