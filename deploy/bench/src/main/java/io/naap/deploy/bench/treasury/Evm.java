package io.naap.deploy.bench.treasury;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.web3j.crypto.Hash;

/**
 * anvil without a clock of its own, and our small contracts on it: blocks are mined when we say.
 */
final class Evm implements AutoCloseable {
  /** An account that anvil has unlocked and filled; it deploys, mints and funds. */
  static final String DEPLOYER = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long CHAIN_ID = 31_337;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Path home;
  private final Process process;
  private final URI url;
  private final JsonNode code;

  private Evm(Path home, Process process, URI url, JsonNode code) {
    this.home = home;
    this.process = process;
    this.url = url;
    this.code = code;
  }

  /** Starts a chain that ends with {@link #close()}. */
  static Evm start(Path root) throws IOException, InterruptedException {
    Path home = root.resolve("deploy/bench/target");
    Path program = anvil(root, home.resolve("anvil"));
    JsonNode code = compile(root, home.resolve("solidity"));
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--host",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--chain-id",
                String.valueOf(CHAIN_ID),
                "--no-mining")
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("anvil.log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    Evm evm = new Evm(home, process, URI.create("http://127.0.0.1:" + port), code);
    for (int look = 0; ; look++) {
      try {
        evm.ask("eth_chainId");
        return evm;
      } catch (IOException notYet) {
        if (look > 200 || !process.isAlive()) {
          throw notYet;
        }
        Thread.sleep(50);
      }
    }
  }

  URI url() {
    return url;
  }

  JsonNode ask(String method, Object... parameters) throws IOException, InterruptedException {
    ArrayNode given = JSON.createArrayNode();
    for (Object parameter : parameters) {
      given.add(JSON.<JsonNode>valueToTree(parameter));
    }
    byte[] answer =
        raw(
            JSON.createObjectNode()
                .put("jsonrpc", "2.0")
                .put("id", 1)
                .put("method", method)
                .<com.fasterxml.jackson.databind.node.ObjectNode>set("params", given)
                .toString()
                .getBytes(StandardCharsets.UTF_8));
    JsonNode whole = JSON.readTree(answer);
    if (whole.hasNonNull("error")) {
      throw new IOException(method + ": " + whole.path("error"));
    }
    return whole.path("result");
  }

  byte[] raw(byte[] question) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(url)
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(question))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }

  void mine(int blocks) throws IOException, InterruptedException {
    ask("anvil_mine", "0x" + Integer.toHexString(blocks));
  }

  /** Deploys a contract; the words are its constructor's. */
  String deploy(String name, String... words) throws IOException, InterruptedException {
    String hash =
        send(null, BigInteger.ZERO, "0x" + code.path(name).asText() + String.join("", words));
    mine(1);
    return receipt(hash).path("contractAddress").asText();
  }

  /** Sends a transaction of the deployer; it waits for a block. */
  String send(String to, BigInteger value, String data) throws IOException, InterruptedException {
    Map<String, Object> transaction = new HashMap<>();
    transaction.put("from", DEPLOYER);
    transaction.put("value", "0x" + value.toString(16));
    transaction.put("data", data);
    transaction.put("gas", "0x4c4b40");
    if (to != null) {
      transaction.put("to", to);
    }
    return ask("eth_sendTransaction", transaction).asText();
  }

  JsonNode receipt(String hash) throws IOException, InterruptedException {
    return ask("eth_getTransactionReceipt", hash);
  }

  BigInteger number(String method, Object... parameters) throws IOException, InterruptedException {
    return new BigInteger(ask(method, parameters).asText().substring(2), 16);
  }

  /** One word of a contract's answer. */
  BigInteger word(String contract, String data, int index)
      throws IOException, InterruptedException {
    String answer = ask("eth_call", Map.of("to", contract, "data", data), "latest").asText();
    return new BigInteger(answer.substring(2 + 64 * index, 66 + 64 * index), 16);
  }

  static String selector(String signature) {
    return "0x"
        + HexFormat.of().formatHex(Hash.sha3(signature.getBytes(StandardCharsets.US_ASCII)), 0, 4);
  }

  static String word(BigInteger value) {
    return "%064x".formatted(value);
  }

  static String word(String address) {
    return "0".repeat(24) + address.substring(2).toLowerCase(java.util.Locale.ROOT);
  }

  private static Path anvil(Path root, Path folder) throws IOException, InterruptedException {
    copy(root.resolve("contracts/src/test/resources/anvil"), folder);
    if (!Files.exists(folder.resolve("installed"))) {
      // Not "ci", which wants every system's package in the lock file.
      run(folder, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund");
      Files.createFile(folder.resolve("installed"));
    }
    try (Stream<Path> packages = Files.list(folder.resolve("node_modules/@foundry-rs"))) {
      return packages
          .map(each -> each.resolve("bin/anvil"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow(() -> new IOException("there is no anvil for this system in " + folder));
    }
  }

  private static JsonNode compile(Path root, Path folder) throws IOException, InterruptedException {
    copy(root.resolve("clearinghouse-service/src/test/resources/solidity"), folder);
    if (!Files.exists(folder.resolve("node_modules/solc"))) {
      run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
    }
    return JSON.readTree(run(folder, "node", "compile.js"));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(
            file, to.resolve(file.getFileName().toString()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static String run(Path folder, String... command)
      throws IOException, InterruptedException {
    Path out = folder.resolve("out.log");
    Process process =
        new ProcessBuilder(List.of(command))
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("err.log").toFile())
            .start();
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(
          String.join(" ", command) + ": " + Files.readString(folder.resolve("err.log")));
    }
    return Files.readString(out);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    return "anvil in " + home;
  }
}
