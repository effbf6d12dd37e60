package io.naap.contracts.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real EVM for tests: runs anvil as a child process on a free port. Anvil is an npm package with
 * a fixed version and checksum that is installed once into {@code target/anvil} of the module; the
 * tests need Node.js with npm.
 */
public final class Anvil implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path HOME = Path.of("target", "anvil").toAbsolutePath();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private static final Duration INSTALL = Duration.ofMinutes(5);
  private static final Duration START = Duration.ofSeconds(30);

  private final Process process;
  private final long chainId;
  private final URI url;

  private Anvil(Process process, long chainId, URI url) {
    this.process = process;
    this.chainId = chainId;
    this.url = url;
  }

  /**
   * Starts a new chain, which ends with {@link #close()} or with this JVM.
   *
   * @param options command-line options of anvil
   * @throws IllegalStateException without Node.js, or when anvil does not start; the message says
   *     what to do
   */
  public static Anvil start(long chainId, String... options) {
    try {
      Path program = program();
      // Another process may take the free port before anvil binds it, so starting is tried three
      // times.
      for (int attempt = 1; ; attempt++) {
        Anvil anvil = launch(program, chainId, freePort(), options);
        if (anvil.answers()) {
          return anvil;
        }
        anvil.close();
        if (attempt == 3) {
          throw new IllegalStateException("anvil does not start; see " + HOME);
        }
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  public long chainId() {
    return chainId;
  }

  /** The URL of the chain's JSON-RPC endpoint. */
  public URI url() {
    return url;
  }

  /** Calls a JSON-RPC method of this chain. */
  public JsonNode call(String method, Object... parameters) {
    return call(url, method, parameters);
  }

  /**
   * Calls a JSON-RPC method of any chain, for example one that a test resource has started.
   *
   * @param parameters strings, numbers, booleans, maps and lists
   * @throws IllegalStateException when the response is an error
   */
  public static JsonNode call(URI url, String method, Object... parameters) {
    ObjectNode question = JSON.createObjectNode().put("jsonrpc", "2.0").put("id", 1);
    ArrayNode given = question.put("method", method).putArray("params");
    for (Object parameter : parameters) {
      given.add(JSON.<JsonNode>valueToTree(parameter));
    }
    try {
      HttpResponse<String> answer =
          CLIENT.send(
              HttpRequest.newBuilder(url)
                  .timeout(Duration.ofSeconds(30))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(question.toString()))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      JsonNode body = JSON.readTree(answer.body());
      if (body.hasNonNull("error")) {
        throw new IllegalStateException(method + ": " + body.path("error"));
      }
      return body.path("result");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopping);
    }
  }

  /**
   * Sets the code at an address, which only test chains allow.
   *
   * @param code {@code 0x} hexadecimal
   */
  public void setCode(String address, String code) {
    call("anvil_setCode", address, code);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private static Anvil launch(Path program, long chainId, int port, String... options)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--host",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--chain-id",
                String.valueOf(chainId)));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(HOME.resolve("chain-" + chainId + "-" + port + ".log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new Anvil(process, chainId, URI.create("http://127.0.0.1:" + port));
  }

  private boolean answers() {
    long deadline = System.nanoTime() + START.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      try {
        return call("eth_chainId").asText().equals("0x" + Long.toHexString(chainId))
            && process.isAlive();
      } catch (UncheckedIOException notYet) {
        pause();
      }
    }
    return false;
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopping);
    }
  }

  private static synchronized Path program() throws IOException {
    Path installed = HOME.resolve("installed");
    if (!Files.exists(installed)) {
      Files.createDirectories(HOME);
      for (String file : List.of("package.json", "package-lock.json")) {
        try (InputStream in = Anvil.class.getResourceAsStream("/anvil/" + file)) {
          Files.copy(in, HOME.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      install();
      Files.createFile(installed);
    }
    try (Stream<Path> packages = Files.list(HOME.resolve("node_modules/@foundry-rs"))) {
      return packages
          .map(each -> each.resolve("bin/anvil"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow(
              () -> new IllegalStateException("there is no anvil for this system in " + HOME));
    }
  }

  private static void install() throws IOException {
    Path log = HOME.resolve("install.log");
    Process npm;
    try {
      npm =
          // "npm ci" would require the packages of all operating systems in the lock file.
          new ProcessBuilder("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund")
              .directory(HOME.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException notThere) {
      throw new IllegalStateException(
          "npm does not start: these tests need Node.js 20 or later with npm, for anvil", notThere);
    }
    try {
      if (!npm.waitFor(INSTALL.toSeconds(), TimeUnit.SECONDS) || npm.exitValue() != 0) {
        npm.destroyForcibly();
        throw new IllegalStateException("npm cannot install anvil: " + Files.readString(log));
      }
    } catch (InterruptedException stopping) {
      npm.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopping);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
