package io.naap.deploy.bench.metering;

import com.sun.net.httpserver.HttpServer;
import io.naap.deploy.bench.report.Credentials;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.embedded.RedisServer;

/** metering-service with stores of its own: synchronous commit on, everything on this machine. */
final class MeteringLab implements AutoCloseable {
  static final String STREAM = "naap:usage:0";

  /** As many events as routers put into an entry under load. */
  static final int IN_AN_ENTRY = 100;

  /** The first account of every Ethereum test tool; its key is public. */
  private static final String DEVELOPMENT_KEY =
      "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

  private static final long PATIENCE_SECONDS = 90;

  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final Credentials credentials = new Credentials();
  private final Path root;
  private final Path folder = Files.createTempDirectory("naap-bench-metering");
  private final EmbeddedPostgres postgres;
  private final RedisServer redis;
  private final HttpServer trust;
  private final int redisPort = freePort();
  private final Connection connection;

  /** A running service. */
  record Service(Process process, int port) {
    String url() {
      return "http://127.0.0.1:" + port;
    }

    /** What is alive on the heap, in MiB: collects garbage first. */
    long liveMebibytes() throws IOException {
      Process histogram =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(process.pid()),
                  "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      try (BufferedReader lines = histogram.inputReader(StandardCharsets.UTF_8)) {
        return lines
                .lines()
                .filter(line -> line.startsWith("Total"))
                .mapToLong(line -> Long.parseLong(line.trim().split("\\s+", -1)[2]))
                .sum()
            >> 20;
      }
    }

    /** Resident memory in MiB. */
    long residentMebibytes() throws IOException {
      try (Stream<String> lines =
          Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
        return lines
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum()
            / 1024;
      }
    }

    void stop() throws InterruptedException {
      process.destroy();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }
  }

  /**
   * Starts the stores.
   *
   * @param data where Postgres keeps its data from one run to the next; absent for data that go
   * @param filling data are only made, nothing is measured: Postgres need not make sure of them
   */
  MeteringLab(Path root, Optional<Path> data, boolean filling) throws Exception {
    this.root = root;
    String careful = filling ? "off" : "on";
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setPGStartupWait(Duration.ofMinutes(3))
            .setServerConfig("shared_buffers", "1GB")
            .setServerConfig("maintenance_work_mem", "512MB")
            .setServerConfig("max_wal_size", "8GB")
            .setServerConfig("wal_level", filling ? "minimal" : "replica")
            .setServerConfig("max_wal_senders", filling ? "0" : "10")
            .setServerConfig("checkpoint_timeout", "15min")
            .setServerConfig("max_connections", "120")
            .setServerConfig("synchronous_commit", careful)
            .setServerConfig("fsync", careful);
    if (data.isPresent()) {
      builder.setDataDirectory(data.get()).setCleanDataDirectory(false);
    }
    postgres = builder.start();
    connection = postgres.getPostgresDatabase().getConnection();
    redis = RedisServer.newRedisServer().port(redisPort).setting("bind 127.0.0.1").build();
    redis.start();
    byte[] body = credentials.trust().getBytes(StandardCharsets.UTF_8);
    trust = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    trust.createContext(
        "/internal/trust",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    trust.start();
  }

  /** Starts a metering-service. */
  Service start(String name, String... settings) throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "naap.metering.consumer=" + name,
                "naap.metering.webhook.key-encryption-secret=" + credentials.pepper()));
    all.addAll(List.of(settings));
    return start("metering-service", name, "postgres", all);
  }

  /** Starts a clearinghouse-service, which books the charges; its chain is nobody's. */
  Service startClearinghouse() throws Exception {
    execute("drop database if exists clearinghouse");
    execute("create database clearinghouse");
    return start(
        "clearinghouse-service",
        "clearinghouse",
        "clearinghouse",
        List.of(
            "naap.clearinghouse.chain.url=http://127.0.0.1:" + freePort() + "/",
            "naap.clearinghouse.wallet.development-key=" + DEVELOPMENT_KEY,
            "naap.clearinghouse.wallet.allow-development-key=true",
            "naap.clearinghouse.signer.port=" + freePort()));
  }

  private Service start(String module, String name, String database, List<String> settings)
      throws Exception {
    int port = freePort();
    int management = freePort();
    String where = "localhost:" + postgres.getPort() + "/" + database;
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // As much as it may have from the start: how a heap grows is nobody's figure.
                "-Xms512m",
                "-Xmx512m",
                "-XX:+UseParallelGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.management.host=127.0.0.1",
                "-Dquarkus.management.port=" + management,
                "-Dquarkus.datasource.reactive.url=postgresql://" + where,
                "-Dquarkus.datasource.jdbc.url=jdbc:postgresql://" + where,
                "-Dquarkus.datasource.username=postgres",
                "-Dquarkus.datasource.password=postgres",
                "-Dquarkus.redis.hosts=redis://127.0.0.1:" + redisPort,
                "-Dnaap.issuer=" + Credentials.ISSUER,
                "-Dnaap.trust.url=http://127.0.0.1:"
                    + trust.getAddress().getPort()
                    + "/internal/trust"));
    for (String setting : settings) {
      command.add("-D" + setting);
    }
    command.add("-jar");
    command.add(root.resolve(module + "/target/quarkus-app/quarkus-run.jar").toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".log").toFile()))
            .start();
    // The clearinghouse is not ready without a chain; it books all the same.
    URI up =
        URI.create(
            "http://127.0.0.1:"
                + management
                + ("postgres".equals(database) ? "/q/health/ready" : "/q/health/live"));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end && process.isAlive()) {
      try {
        if (http.send(HttpRequest.newBuilder(up).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode()
            == 200) {
          return new Service(process, port);
        }
      } catch (IOException notYet) {
        Thread.sleep(50);
      }
    }
    throw new IllegalStateException(module + " does not start; see " + folder);
  }

  Jedis redis() {
    return new Jedis("127.0.0.1", redisPort);
  }

  /** Puts events on the stream, many to an entry. */
  static void publish(Jedis jedis, List<String> events) {
    Pipeline pipeline = jedis.pipelined();
    for (int from = 0; from < events.size(); from += IN_AN_ENTRY) {
      List<String> entry = events.subList(from, Math.min(events.size(), from + IN_AN_ENTRY));
      pipeline.xadd(STREAM, null, Map.of("e", "[" + String.join(",", entry) + "]"));
      if (from % 10_000 == 0) {
        pipeline.sync();
      }
    }
    pipeline.sync();
  }

  /** Runs statements in a transaction of a connection of their own. */
  void together(List<String> statements) throws SQLException {
    try (Connection own = postgres.getPostgresDatabase().getConnection();
        Statement statement = own.createStatement()) {
      own.setAutoCommit(false);
      for (String sql : statements) {
        statement.execute(sql);
      }
      own.commit();
    }
  }

  /** A number, asked on a connection of its own. */
  long alone(String sql) throws SQLException {
    try (Connection own = postgres.getPostgresDatabase().getConnection();
        Statement statement = own.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  String text(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws SQLException, IOException {
    connection.close();
    redis.stop();
    postgres.close();
    trust.stop(0);
  }
}
