package io.naap.clearinghouse.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.testing.Anvil;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Our small Solidity contracts with Livepeer's interfaces and rules, compiled by the npm package
 * {@code solc}, which is installed once into {@code target/solidity}, and deployed to anvil.
 */
public final class Contracts {
  /** An account that anvil has unlocked and filled; it deploys. */
  public static final String DEPLOYER = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";

  private static final Path HOME = Path.of("target", "solidity").toAbsolutePath();
  private static final List<String> FILES =
      List.of(
          "package.json",
          "package-lock.json",
          "compile.js",
          "Network.sol",
          "Swap.sol",
          "TicketBroker.sol",
          "Usdc.sol");
  private static JsonNode compiled;

  private Contracts() {}

  /** Deploys one; the words are its constructor's. */
  public static String deploy(Anvil anvil, String name, BigInteger value, String... words) {
    JsonNode receipt =
        send(anvil, DEPLOYER, null, value, "0x" + code(name) + String.join("", words));
    return receipt.path("contractAddress").asText();
  }

  /** Sends a transaction of an unlocked account and mines it; its receipt. */
  public static JsonNode send(Anvil anvil, String from, String to, BigInteger value, String data) {
    Map<String, Object> transaction = new java.util.HashMap<>();
    transaction.put("from", from);
    transaction.put("value", "0x" + value.toString(16));
    transaction.put("data", data);
    transaction.put("gas", "0x4c4b40");
    if (to != null) {
      transaction.put("to", to);
    }
    if (to != null) {
      // Says why, when it would fail.
      anvil.call("eth_call", transaction, "latest");
    }
    String hash = anvil.call("eth_sendTransaction", transaction).asText();
    JsonNode receipt = anvil.call("eth_getTransactionReceipt", hash);
    for (int look = 0; receipt.isNull() && look < 500; look++) {
      pause();
      receipt = anvil.call("eth_getTransactionReceipt", hash);
    }
    if (!"0x1".equals(receipt.path("status").asText())) {
      throw new IllegalStateException("reverted: " + receipt);
    }
    return receipt;
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopping);
    }
  }

  /** What deploys one, hexadecimal. */
  static synchronized String code(String name) {
    try {
      if (compiled == null) {
        compiled = compile();
      }
      return compiled.path(name).asText();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopping);
    }
  }

  private static JsonNode compile() throws IOException, InterruptedException {
    Files.createDirectories(HOME);
    for (String file : FILES) {
      try (InputStream in = Contracts.class.getResourceAsStream("/solidity/" + file)) {
        Files.copy(in, HOME.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (!Files.exists(HOME.resolve("node_modules/solc"))) {
      run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
    }
    return new ObjectMapper().readTree(run("node", "compile.js"));
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Path out = HOME.resolve("out.log");
    Path err = HOME.resolve("err.log");
    Process process =
        new ProcessBuilder(command)
            .directory(HOME.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(
          String.join(" ", command) + ": " + Files.readString(err) + Files.readString(out));
    }
    return Files.readString(out);
  }
}
