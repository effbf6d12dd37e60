package io.naap.deploy.local;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of {@code ./naap up} and {@code ./naap demo}.
 *
 * @param data the folder everything is kept in
 * @param fresh forget what the folder holds
 * @param ports which ports to use
 * @param gateway a real go-livepeer gateway in place of the simulated one
 * @param postgres a real Postgres, with a role that may create roles and databases
 * @param redis a real Redis
 * @param chain a real JSON-RPC endpoint
 * @param nativeExecutables run the native executables rather than the JVM
 * @param listen the address that the origin listens on; loopback unless told otherwise
 * @param disposable the data may be lost with the machine: for tests, which are faster so
 * @param json print one JSON object and nothing else
 * @param head the hash that the audit log must hold, empty when it was not noted
 */
record Options(
    Path data,
    boolean fresh,
    Ports ports,
    Optional<URI> gateway,
    Optional<URI> postgres,
    Optional<URI> redis,
    Optional<URI> chain,
    boolean nativeExecutables,
    String listen,
    boolean disposable,
    boolean json,
    String head) {
  private static final Set<String> SWITCHES =
      Set.of("--fresh", "--native", "--json", "--disposable");
  private static final Set<String> VALUES =
      Set.of(
          "--data",
          "--port-base",
          "--listen",
          "--gateway",
          "--postgres",
          "--redis",
          "--chain",
          "--head");

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException with what to change
   */
  static Options parse(Path home, String... arguments) {
    Map<String, String> values = new HashMap<>();
    Set<String> switches = new HashSet<>();
    for (int at = 0; at < arguments.length; at++) {
      String argument = arguments[at];
      if (SWITCHES.contains(argument)) {
        switches.add(argument);
      } else if (VALUES.contains(argument)) {
        if (at + 1 == arguments.length) {
          throw new IllegalArgumentException(argument + " needs a value");
        }
        values.put(argument, arguments[++at]);
      } else {
        throw new IllegalArgumentException(
            "unknown option " + argument + "; there are " + SWITCHES + " and " + VALUES);
      }
    }
    return new Options(
        Path.of(values.getOrDefault("--data", home.resolve(".naap").toString())).toAbsolutePath(),
        switches.contains("--fresh"),
        values.containsKey("--port-base")
            ? Ports.from(port(values.get("--port-base")))
            : Ports.usual(),
        uri(values, "--gateway", "http"),
        uri(values, "--postgres", "postgresql"),
        uri(values, "--redis", "redis"),
        uri(values, "--chain", "http"),
        switches.contains("--native"),
        values.getOrDefault("--listen", "127.0.0.1"),
        switches.contains("--disposable"),
        switches.contains("--json"),
        values.getOrDefault("--head", ""));
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1024 && port <= 65_000) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      // Said below.
    }
    throw new IllegalArgumentException("--port-base must be a number from 1024 to 65000");
  }

  private static Optional<URI> uri(Map<String, String> values, String name, String scheme) {
    return Optional.ofNullable(values.get(name))
        .map(
            text -> {
              URI uri = URI.create(text);
              if (uri.getHost() == null
                  || uri.getScheme() == null
                  || !uri.getScheme().startsWith(scheme)) {
                throw new IllegalArgumentException(
                    name + " must look like " + scheme + "://host:port");
              }
              return uri;
            });
  }
}
