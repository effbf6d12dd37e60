package io.naap.deploy.bench.treasury;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A node between the service and the chain that drops questions, answers late and with what was
 * true before, says no and does it, says yes and does not, forgets receipts and miscounts nonces.
 */
final class LyingNode implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LATE_MILLIS = 1_500;

  /** What it does, each with so many in a thousand answers. */
  enum Lie {
    DROPS(60),
    SAYS_YES_AND_DOES_NOT(100),
    SAYS_NO_AND_DOES(100),
    SENDS_TWICE(60),
    FORGETS_A_RECEIPT(60),
    COUNTS_TOO_MANY(30),
    TELLS_WHAT_WAS(80),
    ANSWERS_LATE(20);

    private final int weight;

    Lie(int weight) {
      this.weight = weight;
    }
  }

  private final Evm evm;
  private final SplittableRandom random;
  private final HttpServer server;
  private final Map<String, byte[]> before = new ConcurrentHashMap<>();
  private final Map<Lie, AtomicInteger> told = new EnumMap<>(Lie.class);
  private volatile boolean lies;

  private LyingNode(Evm evm, long seed) throws IOException {
    this.evm = evm;
    this.random = new SplittableRandom(seed);
    for (Lie lie : Lie.values()) {
      told.put(lie, new AtomicInteger());
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  static LyingNode before(Evm evm, long seed) throws IOException {
    return new LyingNode(evm, seed);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  void lie(boolean from) {
    lies = from;
  }

  /** How often it did what. */
  Map<Lie, AtomicInteger> told() {
    return told;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] question = exchange.getRequestBody().readAllBytes();
      byte[] answer = lies ? lie(question) : evm.raw(question);
      if (answer.length == 0) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private byte[] lie(byte[] question) throws IOException, InterruptedException {
    JsonNode asked = JSON.readTree(question);
    String method = asked.path("method").asText();
    String same = method + asked.path("params");
    Lie lie = dice(method);
    if (lie == null) {
      byte[] truth = evm.raw(question);
      before.put(same, truth);
      return truth;
    }
    told.get(lie).incrementAndGet();
    return switch (lie) {
      case DROPS -> new byte[0];
      case SAYS_YES_AND_DOES_NOT -> result("\"0x" + "12".repeat(32) + "\"");
      case SAYS_NO_AND_DOES -> {
        evm.raw(question);
        yield text(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"nonce too low\"}}");
      }
      case SENDS_TWICE -> {
        evm.raw(question);
        yield evm.raw(question);
      }
      case FORGETS_A_RECEIPT -> result("null");
      case COUNTS_TOO_MANY -> {
        JsonNode truth = JSON.readTree(evm.raw(question));
        yield result(
            "\"0x"
                + new BigInteger(truth.path("result").asText("0x0").substring(2), 16)
                    .add(BigInteger.TWO)
                    .toString(16)
                + "\"");
      }
      case TELLS_WHAT_WAS -> {
        byte[] old = before.get(same);
        yield old == null ? evm.raw(question) : old;
      }
      case ANSWERS_LATE -> {
        byte[] truth = evm.raw(question);
        Thread.sleep(LATE_MILLIS);
        yield truth;
      }
    };
  }

  /** What it does now; nothing for the truth. */
  private synchronized Lie dice(String method) {
    int dice = random.nextInt(1_000);
    for (Lie lie : Lie.values()) {
      if (fits(lie, method)) {
        dice -= lie.weight;
        if (dice < 0) {
          return lie;
        }
      }
    }
    return null;
  }

  private static boolean fits(Lie lie, String method) {
    return switch (lie) {
      case DROPS, ANSWERS_LATE -> true;
      case SAYS_YES_AND_DOES_NOT, SAYS_NO_AND_DOES, SENDS_TWICE ->
          "eth_sendRawTransaction".equals(method);
      case FORGETS_A_RECEIPT -> "eth_getTransactionReceipt".equals(method);
      case COUNTS_TOO_MANY -> "eth_getTransactionCount".equals(method);
      case TELLS_WHAT_WAS ->
          "eth_getTransactionCount".equals(method)
              || "eth_getBlockByNumber".equals(method)
              || "eth_getTransactionReceipt".equals(method);
    };
  }

  private static byte[] result(String json) {
    return text("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + json + "}");
  }

  private static byte[] text(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
