package io.naap.clearinghouse.signer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.naap.clearinghouse.wallet.TestWallet;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A keystore, and a chain that answers the signer's four questions. */
public class SignerParts implements QuarkusTestResourceLifecycleManager {
  public static final String GATEWAY_TOKEN = "gateway-token-0123456789";
  public static final String WEBHOOK_SECRET = "webhook-secret-0123456789";

  /** The chain says of this orchestrator that it is none. */
  public static final String UNREGISTERED = "0xdeaddeaddeaddeaddeaddeaddeaddeaddeaddead";

  public static final String TENANT_TOKEN = "tenant-token-0123456789";
  public static final String TENANT = "ten_01kaq3v7g8e2nb0p4m6r9t1x5z";
  static final long L1_BLOCK = 24_000_000;
  static final long ROUND = 4100;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONTROLLER = "0xd8e8328501e9645d16cf49539efc04f734606ee4";
  private static final String BROKER = "00".repeat(11) + "01" + "bb".repeat(20);
  private static final String ROUNDS = "00".repeat(12) + "cc".repeat(20);

  /** Small where a test reaches them, large where it must not. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "naap.clearinghouse.signer.max-session-ev", "120000000000000",
          "naap.clearinghouse.signer.max-new-sessions-per-minute", "100000",
          "naap.clearinghouse.signer.max-requests-per-second", "100000",
          "naap.clearinghouse.signer.public-url", "https://signer.example",
          "naap.clearinghouse.signer.webhook-secret", WEBHOOK_SECRET,
          "naap.clearinghouse.signer.tiers.standard.orchestrators.a.url", "https://a.example:8935",
          "naap.clearinghouse.signer.tiers.standard.orchestrators.a.capabilities",
              "live-video-to-video/streamdiffusion",
          "naap.clearinghouse.signer.tiers.standard.orchestrators.b.url", "https://b.example:8935",
          "naap.clearinghouse.signer.tiers.gold.orchestrators.c.url", "https://c.example:8935",
          "naap.clearinghouse.signer.callers.sdk.tier", "gold");

  private HttpServer chain;

  @Override
  public Map<String, String> start() {
    try {
      Path directory = Files.createTempDirectory("naap-signer");
      Path keystore = directory.resolve("keystore.json");
      Files.writeString(keystore, TestWallet.keystore("test password"));
      Path password = Files.writeString(directory.resolve("password"), "test password\n");
      for (Path secret : List.of(keystore, password)) {
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
      }
      chain = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      chain.createContext(
          "/",
          exchange -> {
            byte[] answer = answer(JSON.readTree(exchange.getRequestBody()));
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
          });
      chain.start();
      Map<String, String> config = new HashMap<>();
      config.putAll(LIMITS);
      config.put(
          "naap.clearinghouse.signer.max-price-per-capability.\"live-video-to-video/dear\"",
          "1000");
      // A second look at this chain would open the sender's deposit again under other tests.
      config.put("naap.clearinghouse.settlement.interval", "1h");
      config.putAll(thrifty());
      config.putAll(
          Map.of(
              "naap.clearinghouse.signer.port",
              "0",
              "naap.clearinghouse.signer.callers.gateway-a.token",
              GATEWAY_TOKEN,
              "naap.clearinghouse.signer.callers.gateway-a.gateway",
              "gateway-live",
              "naap.clearinghouse.signer.callers.sdk.token",
              TENANT_TOKEN,
              "naap.clearinghouse.signer.callers.sdk.tenant",
              TENANT,
              "naap.clearinghouse.wallet.keystore",
              keystore.toString(),
              "naap.clearinghouse.wallet.password-file",
              password.toString(),
              "naap.clearinghouse.chain.url",
              "http://127.0.0.1:" + chain.getAddress().getPort(),
              "naap.clearinghouse.price.eth-usd",
              "2500"));
      return config;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** A tier that pays a thousand wei a unit, for two callers. */
  private static Map<String, String> thrifty() {
    Map<String, String> config = new HashMap<>();
    String tier = "naap.clearinghouse.signer.tiers.thrifty.";
    config.put(tier + "max-price-per-unit", "1000");
    config.put(tier + "orchestrators.a.url", "https://orch.example:8935");
    config.put(tier + "orchestrators.b.url", "https://even.example:8935");
    config.put(tier + "orchestrators.b.price-per-unit", "1000");
    config.put(tier + "orchestrators.c.url", "https://dear.example:8935");
    config.put(tier + "orchestrators.c.price-per-unit", "1000.5");
    config.put(tier + "orchestrators.d.url", "https://both.example:8935");
    config.put(tier + "orchestrators.d.capabilities", "llm/cheap,llm/dear");
    config.put(tier + "orchestrators.d.price-per-capability.\"llm/dear\"", "2000");
    for (String caller : List.of("thrifty-1", "thrifty-2")) {
      String property = "naap.clearinghouse.signer.callers." + caller;
      config.put(property + ".token", caller + "-token-0123456789");
      config.put(property + ".gateway", caller);
      config.put(property + ".tier", "thrifty");
    }
    return config;
  }

  @Override
  public void stop() {
    if (chain != null) {
      chain.stop(0);
    }
  }

  private static byte[] answer(JsonNode question) {
    String result =
        switch (question.path("method").asText()) {
          case "eth_getBlockByNumber" ->
              "{\"number\":\"0x1\",\"l1BlockNumber\":\"0x" + Long.toHexString(L1_BLOCK) + "\"}";
          case "eth_call" -> "\"0x" + call(question.path("params").path(0)) + "\"";
          default -> "null";
        };
    return ("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + result + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String call(JsonNode call) {
    String to = call.path("to").asText().toLowerCase(java.util.Locale.ROOT);
    String data = call.path("data").asText();
    if (to.equals(CONTROLLER)) {
      return data.endsWith("bd1aa3e8d2464256d7fd3dcf645c16418d5d8c51d971f1ad7d57e7b1b5eee239")
          ? BROKER
          : ROUNDS;
    }
    return switch (data.substring(0, 10)) {
      case "0xe1a589da" ->
          word(new BigInteger("1000000000000000000"))
              + word(BigInteger.ZERO)
              + word(new BigInteger("360000000000000000"))
              + word(BigInteger.ZERO);
      case "0x8807f36e" -> word(BigInteger.valueOf(ROUND));
      case "0x3aa4add4" -> "ab".repeat(32);
      default ->
          data.length() == 74
              ? word(data.endsWith(UNREGISTERED.substring(2)) ? BigInteger.ZERO : BigInteger.ONE)
              : "";
    };
  }

  private static String word(BigInteger value) {
    return "%064x".formatted(value);
  }
}
