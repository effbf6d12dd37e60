package io.naap.deploy.bench.treasury;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.naap.deploy.bench.report.Credentials;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import redis.embedded.RedisServer;

/** A clearinghouse-service with real stores, wallets and a chain, which can be killed. */
final class TreasuryLab implements AutoCloseable {
  /** Depth of reorganisations that change nothing. */
  static final int FINALITY = 14;

  /** The first account of every Ethereum test tool; its key is public. */
  static final String FUNDING = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

  private static final String FUNDING_KEY =
      "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

  /** Of the published vectors of BIP-32. */
  private static final String XPUB =
      "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw";

  private final Path root;
  private final Path folder = Files.createTempDirectory("naap-bench-treasury");
  private final Credentials credentials = new Credentials();
  private final HttpClient http = HttpClient.newHttpClient();
  private final EmbeddedPostgres postgres;
  private final RedisServer redis;
  private final int redisPort = freePort();
  private final int port = freePort();
  private final int management = freePort();
  private final HttpServer trust;
  final Evm evm;
  final LyingNode node;
  final String network;
  final String broker;
  final String usdc;
  private Process service;

  TreasuryLab(Path root, long seed) throws Exception {
    this.root = root;
    // As installed: a commit is on the disk before it is answered.
    postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("fsync", "on")
            .start();
    redis = RedisServer.newRedisServer().port(redisPort).setting("bind 127.0.0.1").build();
    redis.start();
    byte[] document = credentials.trust().getBytes(StandardCharsets.UTF_8);
    trust = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    trust.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, document.length);
          exchange.getResponseBody().write(document);
          exchange.close();
        });
    trust.start();
    evm = Evm.start(root);
    node = LyingNode.before(evm, seed);
    network = evm.deploy("Network");
    broker = evm.deploy("TicketBroker", Evm.word(network));
    usdc = evm.deploy("Usdc");
    for (String name : List.of("TicketBroker", "RoundsManager", "BondingManager")) {
      String hex = java.util.HexFormat.of().formatHex(name.getBytes(StandardCharsets.US_ASCII));
      evm.send(
          network,
          BigInteger.ZERO,
          Evm.selector("setContract(string,address)")
              + Evm.word(BigInteger.valueOf(64))
              + Evm.word("TicketBroker".equals(name) ? broker : network)
              + Evm.word(BigInteger.valueOf(name.length()))
              + hex
              + "0".repeat(64 - hex.length()));
    }
    evm.send(
        network,
        BigInteger.ZERO,
        Evm.selector("initializeRound(uint256)") + Evm.word(BigInteger.valueOf(4_100)));
    evm.mine(FINALITY + 2);
  }

  /** Starts the service; it is killed as a crash would. */
  void start() throws Exception {
    String database = "localhost:" + postgres.getPort() + "/postgres";
    TreeMap<String, String> own = new TreeMap<>();
    own.put("chain.url", node.url().toString());
    own.put("chain.controller", network);
    own.put("chain.interval", "300ms");
    own.put("chain.timeout", "1s");
    own.put("wallet.development-key", "11".repeat(32));
    own.put("wallet.allow-development-key", "true");
    own.put("funding-wallet.development-key", FUNDING_KEY);
    own.put("funding-wallet.allow-development-key", "true");
    own.put("signer.port", "0");
    own.put("treasury.interval", "50ms");
    own.put("treasury.finality-blocks", String.valueOf(FINALITY));
    own.put("treasury.gas-limit", "100000");
    own.put("treasury.max-gas-price", "1000000000000");
    own.put("treasury.priority-fee", "1");
    own.put("treasury.replace-after", "4s");
    own.put("treasury.most-open", "32");
    own.put("usdc.xpub", XPUB);
    own.put("usdc.token", usdc);
    for (String reader : List.of("usdc", "settlement")) {
      own.put(reader + ".finalized-tag", "false");
      own.put(reader + ".finality-blocks", String.valueOf(FINALITY));
      own.put(reader + ".interval", "100ms");
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
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
                "-Dnaap.trust.url=http://127.0.0.1:" + trust.getAddress().getPort() + "/"));
    own.forEach((name, value) -> command.add("-Dnaap.clearinghouse." + name + "=" + value));
    command.add("-jar");
    command.add(
        root.resolve("clearinghouse-service/target/quarkus-app/quarkus-run.jar").toString());
    service =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    Process started = service;
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
  }

  private Path log() {
    return folder.resolve("service.log");
  }

  void awaitReady() throws IOException, InterruptedException {
    URI ready = URI.create("http://127.0.0.1:" + management + "/q/health/ready");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (System.nanoTime() < end && service.isAlive()) {
      try {
        if (http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode()
            == 200) {
          return;
        }
      } catch (IOException notYet) {
        Thread.sleep(50);
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("clearinghouse-service does not start; see " + log());
  }

  void kill() throws InterruptedException {
    if (service != null) {
      service.destroyForcibly();
      service.waitFor(15, TimeUnit.SECONDS);
    }
  }

  JsonNode get(String path, String token) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + token)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode() + " " + answer.body());
    }
    return new ObjectMapper().readTree(answer.body());
  }

  Credentials credentials() {
    return credentials;
  }

  /** One number from the database. */
  BigInteger number(String sql) throws SQLException {
    try (Connection connection = connection();
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
    if (service != null) {
      service.destroyForcibly();
    }
    node.close();
    evm.close();
    redis.stop();
    postgres.close();
    trust.stop(0);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
