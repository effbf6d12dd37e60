package io.naap.auth.siwe;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.Anvil;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Endpoints that do not answer, or not as a chain does: the result is neither proven nor refused.
 */
class SilentChainTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final String CODE = "0x6000";
  private static final String HUGE = "0x" + "00".repeat(40 * 1024);

  private final TestWallet key = TestWallet.of(77);
  private final String text = AccountsTest.text(key.address(), 1);
  private JsonRpcChains chains;

  @AfterEach
  void close() {
    chains.close();
  }

  @AfterAll
  static void stop() throws Exception {
    VERTX.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  static Stream<Map<String, String>> answers() {
    String good = result("\"0x01\"");
    return Stream.of(
            "",
            "garbage",
            "null",
            "[]",
            "{}",
            "[" + good.substring(0, good.length() - 1),
            result("null"),
            result("1"),
            result("true"),
            result("{}"),
            result("[\"0x01\"]"),
            result("\"\""),
            result("\"01\""),
            result("\"0x1\""),
            result("\"0xzz\""),
            result("\"0x\""),
            result("\"0x02\""),
            result("\"0xff\""),
            result("\"0x0101\""),
            result("\"0x" + "00".repeat(31) + "01\""),
            result("\"" + HUGE + "\""),
            good.replace("\"id\":1", "\"id\":2"),
            good.replace("\"result\"", "\"error\":{\"code\":-32000},\"result\""),
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":3,\"message\":\"execution reverted\"}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32005,\"message\":\"limit\"}}",
            "[".repeat(20_000))
        .map(body -> Map.of("eth_call", body));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void believesNoStrangeAnswer(Map<String, String> answers) throws IOException {
    try (Endpoint endpoint = new Endpoint(answers)) {
      assertThat(judge(endpoint.url(), "0xabcd")).isEqualTo(new Accounts.Verdict.Unknown());
    }
  }

  @Test
  void believesAGoodAnswer() throws IOException {
    try (Endpoint endpoint = new Endpoint(Map.of())) {
      assertThat(judge(endpoint.url(), "0xabcd"))
          .isEqualTo(new Accounts.Verdict.Proven("eip155:1:" + key.address()));
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void believesNoStrangeAnswerAboutCodeOrChain(Map<String, String> answers) throws IOException {
    String body = answers.get("eth_call");
    // Skips bodies that are valid responses to eth_getCode.
    if (!body.contains("\"0x\"") && !body.matches(".*:\"0x(02|ff|0101|0{62}01)\".*")) {
      try (Endpoint endpoint = new Endpoint(Map.of("eth_getCode", body))) {
        assertThat(judge(endpoint.url(), key.sign(text))).isEqualTo(new Accounts.Verdict.Unknown());
      }
      chains.close();
    }
    if (!body.contains("\"0x1\"") || !body.contains("\"id\":1") || body.contains("error")) {
      try (Endpoint endpoint = new Endpoint(Map.of("eth_chainId", body))) {
        assertThat(judge(endpoint.url(), key.sign(text))).isEqualTo(new Accounts.Verdict.Unknown());
      }
    }
  }

  @Test
  void believesNoOtherStatusAndFollowsNoRedirect() throws IOException {
    try (Endpoint target = new Endpoint(Map.of())) {
      for (String head :
          List.of(
              "HTTP/1.1 500 Oh\r\n",
              "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\n",
              "HTTP/1.1 204 None\r\n",
              "HTTP/1.1 307 There\r\nLocation: " + target.url() + "\r\n",
              "HTTP/1.1 302 There\r\nLocation: " + target.url() + "\r\n",
              "nonsense\r\n")) {
        try (Endpoint endpoint = new Endpoint(Map.of("head", head))) {
          assertThat(judge(endpoint.url(), key.sign(text)))
              .isEqualTo(new Accounts.Verdict.Unknown());
        }
        chains.close();
      }
      assertThat(target.asked()).isZero();
    }
  }

  @Test
  void doesNotWaitForASilentOrSlowEndpoint() throws IOException {
    for (String how : List.of("silent", "dribbles", "cut")) {
      try (Endpoint endpoint = new Endpoint(Map.of("how", how))) {
        assertThat(judge(endpoint.url(), key.sign(text))).isEqualTo(new Accounts.Verdict.Unknown());
      }
      chains.close();
    }
  }

  @Test
  void provesNobodyWhenThereIsNoEndpointOrAnotherChains() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    assertThat(judge("http://127.0.0.1:" + closed, key.sign(text)))
        .isEqualTo(new Accounts.Verdict.Unknown());
    chains.close();

    try (Anvil other = Anvil.start(10)) {
      other.setCode(key.address(), Evm.yes());
      assertThat(judge(other.url().toString(), key.sign(text)))
          .isEqualTo(new Accounts.Verdict.Unknown());
      chains.close();
      assertThat(judge(other.url().toString(), Evm.wrapped(Evm.DEPLOYER, "0x", "0xab")))
          .isEqualTo(new Accounts.Verdict.Unknown());
    }
  }

  @Test
  void boundsHowManyCallsAreUnderWay() throws Exception {
    try (Endpoint endpoint = new Endpoint(Map.of("how", "slow"));
        ExecutorService threads = Executors.newFixedThreadPool(12)) {
      Accounts accounts = accounts(endpoint.url(), 3, "PT20S");
      List<Callable<Accounts.Verdict>> all =
          IntStream.range(0, 12)
              .<Callable<Accounts.Verdict>>mapToObj(
                  i -> () -> AccountsTest.judge(accounts, text, "0xabcd"))
              .collect(Collectors.toList());

      for (Future<Accounts.Verdict> verdict : threads.invokeAll(all)) {
        assertThat(verdict.get()).isInstanceOf(Accounts.Verdict.Proven.class);
      }

      assertThat(endpoint.asked()).isEqualTo(36);
      assertThat(endpoint.most()).isBetween(2, 3);
    }
  }

  @Test
  void worksAgainAfterAnOutage() throws IOException {
    try (Endpoint endpoint = new Endpoint(Map.of("how", "silent"))) {
      Accounts accounts = accounts(endpoint.url(), 1);
      for (int i = 0; i < 4; i++) {
        assertThat(AccountsTest.judge(accounts, text, key.sign(text)))
            .isEqualTo(new Accounts.Verdict.Unknown());
      }
      endpoint.answers.remove("how");

      assertThat(AccountsTest.judge(accounts, text, "0xabcd"))
          .isInstanceOf(Accounts.Verdict.Proven.class);
    }
  }

  private Accounts.Verdict judge(String url, String signature) {
    return AccountsTest.judge(accounts(url, 16), text, signature);
  }

  private Accounts accounts(String url, int calls) {
    return accounts(url, calls, "PT0.4S");
  }

  private Accounts accounts(String url, int calls, String timeout) {
    chains =
        new JsonRpcChains(
            VERTX,
            Configs.siwe(
                Map.of("rpc.1", url, "rpc-timeout", timeout, "rpc-calls", String.valueOf(calls))));
    return new Accounts(chains);
  }

  private static String result(String json) {
    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + json + "}";
  }

  /**
   * A stand-in for a chain with a contract that accepts every signature; tests replace single
   * responses.
   */
  private static final class Endpoint implements AutoCloseable {
    final Map<String, String> answers;
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    Endpoint(Map<String, String> answers) throws IOException {
      this.answers = new java.util.concurrent.ConcurrentHashMap<>(new HashMap<>(answers));
      threads.execute(this::accept);
    }

    String url() {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }

    int asked() {
      return asked.get();
    }

    int most() {
      return most.get();
    }

    private void accept() {
      try {
        while (true) {
          Socket client = socket.accept();
          threads.execute(() -> serve(client));
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    private void serve(Socket client) {
      try (client) {
        while (true) {
          String question = read(client.getInputStream());
          if (question.isEmpty()) {
            return;
          }
          asked.incrementAndGet();
          most.accumulateAndGet(open.incrementAndGet(), Math::max);
          try {
            answer(question, client.getOutputStream());
          } finally {
            open.decrementAndGet();
          }
        }
      } catch (IOException gone) {
        // The client has closed the connection.
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
      }
    }

    private void answer(String question, OutputStream out)
        throws IOException, InterruptedException {
      String how = answers.getOrDefault("how", "");
      if (how.equals("silent")) {
        closing.await();
      }
      if (how.equals("slow")) {
        closing.await(30, TimeUnit.MILLISECONDS);
      }
      String method = question.replaceAll("(?s).*\"method\":\"([a-zA-Z_]+)\".*", "$1");
      String body =
          answers.getOrDefault(
              method,
              switch (method) {
                case "eth_getCode" -> result("\"" + CODE + "\"");
                default ->
                    result("\"0x1\"".replace("x1", method.equals("eth_call") ? "x01" : "x1"));
              });
      String head = answers.getOrDefault("head", "HTTP/1.1 200 OK\r\n");
      int length = how.equals("cut") ? body.length() + 1 : body.length();
      out.write(bytes(head + "Content-Length: " + length + "\r\n\r\n"));
      for (int i = 0; i < body.length() && how.equals("dribbles"); i++) {
        out.write(body.charAt(i));
        out.flush();
        closing.await(100, TimeUnit.MILLISECONDS);
      }
      out.write(bytes(body));
      out.flush();
      if (how.equals("cut")) {
        throw new IOException("cut");
      }
    }

    private static String read(InputStream in) throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int c = in.read();
        if (c < 0) {
          return "";
        }
        head.append((char) c);
      }
      String length = head.toString().replaceAll("(?is).*content-length: ([0-9]+).*", "$1");
      return new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
      closing.countDown();
      socket.close();
      threads.shutdownNow();
    }
  }
}
