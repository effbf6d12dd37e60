package io.naap.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.naap.deploy.bench.report.Credentials;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import redis.embedded.RedisServer;

/**
 * A clearinghouse-service of its own with real stores, a chain that answers what the signer asks,
 * and orchestrators and gateways that are lines of code: for figures and for proofs.
 */
final class SignerLab implements AutoCloseable {
  static final String TOKEN = "bench-gateway-0123456789";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long L1_BLOCK = 24_000_000;
  private static final String CONTROLLER = "0xd8e8328501e9645d16cf49539efc04f734606ee4";

  /** A little above 10^12 wei a ticket. */
  private static final BigInteger FACE_VALUE = new BigInteger("20000000000000000");

  private static final BigInteger WIN_PROB =
      new BigInteger("5789604461865809771178549250434395392663499233282028201972880000000000000");
  private static final long PRICE = 1200;

  /** The first account of every Ethereum test tool; its key is public. */
  static final String KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

  private final Path root;
  private final Path folder = Files.createTempDirectory("naap-bench-signer");
  private final EmbeddedPostgres postgres;
  private final RedisServer redis;
  private final int redisPort = freePort();
  private final HttpServer chain;
  private final HttpServer trust;
  private final int port = freePort();
  private final int management = freePort();
  final int signerPort = freePort();
  private Process service;

  SignerLab(Path root) throws Exception {
    this.root = root;
    // As installed: a commit is on the disk before it is answered.
    postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("shared_buffers", "256MB")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("fsync", "on")
            .start();
    redis = RedisServer.newRedisServer().port(redisPort).setting("bind 127.0.0.1").build();
    redis.start();
    chain = serve(SignerLab::chainAnswer);
    byte[] document = new Credentials().trust().getBytes(StandardCharsets.UTF_8);
    trust = serve(ignored -> document);
  }

  private interface Answer {
    byte[] to(byte[] question) throws IOException;
  }

  private static HttpServer serve(Answer answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = answer.to(exchange.getRequestBody().readAllBytes());
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  /** Starts the service; it is killed as a crash would. */
  void start(Map<String, String> properties) throws Exception {
    String database = "localhost:" + postgres.getPort() + "/postgres";
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:MetaspaceSize=128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=" + properties.getOrDefault("tier", "4"),
                "--enable-native-access=ALL-UNNAMED",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.management.host=127.0.0.1",
                "-Dquarkus.management.port=" + management,
                "-Dquarkus.datasource.reactive.url=postgresql://" + database,
                "-Dquarkus.datasource.jdbc.url=jdbc:postgresql://" + database,
                "-Dquarkus.datasource.username=postgres",
                "-Dquarkus.datasource.password=postgres",
                "-Dquarkus.redis.hosts=redis://127.0.0.1:" + redisPort,
                "-Dnaap.issuer=" + Credentials.ISSUER,
                "-Dnaap.trust.url=http://127.0.0.1:" + trust.getAddress().getPort() + "/",
                "-Dnaap.clearinghouse.chain.url=http://127.0.0.1:"
                    + chain.getAddress().getPort()
                    + "/",
                "-Dnaap.clearinghouse.chain.interval=200ms",
                "-Dnaap.clearinghouse.wallet.development-key=" + KEY,
                "-Dnaap.clearinghouse.wallet.allow-development-key=true",
                "-Dnaap.clearinghouse.signer.port=" + signerPort,
                "-Dnaap.clearinghouse.signer.callers.bench.token=" + TOKEN,
                "-Dnaap.clearinghouse.signer.callers.bench.gateway=bench"));
    properties.forEach(
        (name, value) -> {
          if (!"tier".equals(name)) {
            command.add("-D" + name + "=" + value);
          }
        });
    command.add("-jar");
    command.add(
        root.resolve("clearinghouse-service/target/quarkus-app/quarkus-run.jar").toString());
    service =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("service.log").toFile()))
            .start();
    awaitPaying();
  }

  /** Caps that no figure reaches. */
  static Map<String, String> uncapped() {
    Map<String, String> open = new java.util.TreeMap<>();
    for (String cap :
        List.of(
            "max-total-ev",
            "max-session-ev",
            "max-hourly-ev",
            "max-daily-ev",
            "max-orchestrator-hourly-ev",
            "max-orchestrator-daily-ev",
            "max-platform-hourly-ev",
            "max-platform-daily-ev")) {
      open.put("naap.clearinghouse.signer." + cap, "1" + "0".repeat(24));
    }
    open.put("naap.clearinghouse.signer.max-requests-per-second", "1000000");
    open.put("naap.clearinghouse.signer.max-new-sessions-per-minute", "10000000");
    return open;
  }

  private void awaitPaying() throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    URI ready = URI.create("http://127.0.0.1:" + management + "/q/health/ready");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (System.nanoTime() < end && service.isAlive()) {
      try {
        if (http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode()
            == 200) {
          try (Client client = new Client(signerPort)) {
            // The chain has been looked at when the first payment is not a 503.
            if (client.pay(first(new Orchestrator(RandomGenerator.getDefault()), 1)).status()
                != 503) {
              return;
            }
          }
        }
      } catch (IOException notYet) {
        Thread.sleep(20);
      }
      Thread.sleep(10);
    }
    throw new IllegalStateException(
        "clearinghouse-service does not start; see " + folder.resolve("service.log"));
  }

  void kill() throws InterruptedException {
    if (service != null) {
      service.destroyForcibly();
      service.waitFor(15, TimeUnit.SECONDS);
    }
  }

  /** One number from the database. */
  long number(String sql) throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** A whole number of any size. */
  BigInteger bigNumber(String sql) throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getBigDecimal(1).toBigIntegerExact();
    }
  }

  Connection connection() throws SQLException {
    return postgres.getPostgresDatabase().getConnection();
  }

  @Override
  public void close() throws IOException {
    try {
      if (service != null) {
        service.destroy();
        if (!service.waitFor(15, TimeUnit.SECONDS)) {
          service.destroyForcibly();
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      service.destroyForcibly();
    }
    redis.stop();
    postgres.close();
    chain.stop(0);
    trust.stop(0);
  }

  /** What an orchestrator says of itself; new parameters each time, as after each payment. */
  static final class Orchestrator {
    final byte[] address = new byte[20];
    private final RandomGenerator random;

    Orchestrator(RandomGenerator random) {
      this.random = random;
      random.nextBytes(address);
    }

    byte[] info(boolean token) throws IOException {
      byte[] randHash = new byte[32];
      random.nextBytes(randHash);
      ByteArrayOutputStream params = new ByteArrayOutputStream();
      bytes(params, 1, address);
      bytes(params, 2, minimal(FACE_VALUE));
      bytes(params, 3, minimal(WIN_PROB));
      bytes(params, 4, randHash);
      bytes(params, 5, new byte[] {1, 2, 3});
      bytes(params, 6, minimal(BigInteger.valueOf(L1_BLOCK + 40)));
      ByteArrayOutputStream price = new ByteArrayOutputStream();
      number(price, 1, PRICE);
      number(price, 2, 1);
      ByteArrayOutputStream auth = new ByteArrayOutputStream();
      number(auth, 3, Instant.now().getEpochSecond() + 1800);
      ByteArrayOutputStream info = new ByteArrayOutputStream();
      bytes(info, 1, "https://orch.example:8935".getBytes(StandardCharsets.US_ASCII));
      bytes(info, 2, params.toByteArray());
      bytes(info, 3, price.toByteArray());
      bytes(info, 4, address);
      if (token) {
        bytes(info, 6, auth.toByteArray());
      }
      return info.toByteArray();
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value)
        throws IOException {
      varint(out, (long) field << 3 | 2);
      varint(out, value.length);
      out.write(value);
    }

    private static void number(ByteArrayOutputStream out, int field, long value) {
      varint(out, (long) field << 3);
      varint(out, value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    private static byte[] minimal(BigInteger value) {
      byte[] bytes = value.toByteArray();
      return bytes[0] == 0 ? java.util.Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }
  }

  /** A body that asks for so many tickets. */
  static String first(Orchestrator orchestrator, int tickets) throws IOException {
    return "{\"orchestrator\":\""
        + Base64.getEncoder().encodeToString(orchestrator.info(true))
        + "\",\"inPixels\":"
        + pixels(tickets)
        + "}";
  }

  /** The next payment of a session. */
  static String next(Orchestrator orchestrator, int tickets, Paid before) throws IOException {
    return "{\"orchestrator\":\""
        + Base64.getEncoder().encodeToString(orchestrator.info(true))
        + "\",\"inPixels\":"
        + pixels(tickets)
        + ",\"ManifestID\":\"m\",\"state\":"
        + before.state()
        + "}";
  }

  /** A little less than so many tickets are worth, so that each time so many are needed. */
  private static long pixels(int tickets) {
    return BigInteger.TEN.pow(12).longValueExact() * tickets / PRICE - (tickets == 1 ? 1000 : 0);
  }

  /** An answer. */
  record Paid(int status, String body) {
    /** The state object, as JSON. */
    String state() {
      return body.substring(body.indexOf("\"state\":") + 8, body.length() - 1);
    }

    byte[] payment() throws IOException {
      return Base64.getDecoder().decode(JSON.readTree(body).path("payment").asText());
    }
  }

  /** A connection that is kept: a client so light that it takes little of the two cores. */
  static final class Client implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    Client(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(30_000);
      in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
      out = socket.getOutputStream();
    }

    Paid pay(String body) throws IOException {
      return post("/generate-live-payment", TOKEN, body.getBytes(StandardCharsets.UTF_8));
    }

    Paid post(String path, String token, byte[] body) throws IOException {
      byte[] head =
          ("POST "
                  + path
                  + " HTTP/1.1\r\nHost: signer\r\nAuthorization: Bearer "
                  + token
                  + "\r\nContent-Type: application/json\r\nContent-Length: "
                  + body.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      byte[] whole = java.util.Arrays.copyOf(head, head.length + body.length);
      System.arraycopy(body, 0, whole, head.length, body.length);
      out.write(whole);
      out.flush();
      String status = line();
      int length = 0;
      for (String header = line(); !header.isEmpty(); header = line()) {
        if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(header.substring(15).strip());
        }
      }
      byte[] answer = in.readNBytes(length);
      if (answer.length < length) {
        throw new IOException("the answer ended early");
      }
      return new Paid(
          Integer.parseInt(status.split(" ", -1)[1]), new String(answer, StandardCharsets.UTF_8));
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("the connection ended");
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static byte[] chainAnswer(byte[] body) throws IOException {
    JsonNode question = JSON.readTree(body);
    String result =
        switch (question.path("method").asText()) {
          case "eth_getBlockByNumber" ->
              "{\"number\":\"0x1\",\"l1BlockNumber\":\"0x" + Long.toHexString(L1_BLOCK) + "\"}";
          case "eth_call" -> "\"0x" + call(question.path("params").path(0)) + "\"";
          case "eth_getLogs" -> "[]";
          default -> "\"0x1\"";
        };
    return ("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + result + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String call(JsonNode call) {
    String data = call.path("data").asText();
    if (call.path("to").asText().toLowerCase(Locale.ROOT).equals(CONTROLLER)) {
      return "00".repeat(12) + "bb".repeat(20);
    }
    return switch (data.substring(0, 10)) {
      case "0xe1a589da" ->
          word(BigInteger.TEN.pow(18))
              + word(BigInteger.ZERO)
              + word(BigInteger.TEN.pow(18))
              + word(BigInteger.ZERO);
      case "0x8807f36e" -> word(BigInteger.valueOf(4100));
      case "0x3aa4add4" -> "ab".repeat(32);
      default -> word(BigInteger.ONE);
    };
  }

  private static String word(BigInteger value) {
    return "%064x".formatted(value);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
