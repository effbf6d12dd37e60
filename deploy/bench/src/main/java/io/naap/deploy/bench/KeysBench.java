package io.naap.deploy.bench;

import com.sun.net.httpserver.HttpServer;
import io.naap.contracts.page.Cursor;
import io.naap.deploy.bench.report.Credentials;
import io.naap.deploy.bench.report.Figures;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
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
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.embedded.RedisServer;

/**
 * keys-service with a million keys, a hundred thousand of them one tenant's: how long it takes to
 * tell whose a key is, and to show a page.
 */
final class KeysBench {
  private static final int COLD = 3_000;
  private static final int WARM = 9_000;
  private static final int PAGES = 300;
  private static final String TENANT = "ten_00000000000000000000000big";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Credentials credentials;
  private final HttpServer trust;
  private final Figures figures;
  private final int count;

  private KeysBench(Credentials credentials, HttpServer trust, Figures figures, int count) {
    this.credentials = credentials;
    this.trust = trust;
    this.figures = figures;
    this.count = count;
  }

  static void run(Path root, int count, Figures figures) throws Exception {
    Path folder = Files.createTempDirectory("naap-bench");
    int redisPort = freePort();
    Credentials credentials = new Credentials();
    HttpServer trust = trust(credentials);
    RedisServer redis =
        RedisServer.newRedisServer().port(redisPort).setting("bind 127.0.0.1").build();
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder().setServerConfig("shared_buffers", "256MB").start()) {
      redis.start();
      KeysBench bench = new KeysBench(credentials, trust, figures, count);
      Process service = null;
      try {
        int port = freePort();
        int management = freePort();
        service = bench.start(root, folder, postgres.getPort(), redisPort, port, management);
        bench.awaitReady(service, management, folder);
        bench.measure(postgres, "http://127.0.0.1:" + port);
      } finally {
        if (service != null) {
          service.destroy();
          if (!service.waitFor(15, TimeUnit.SECONDS)) {
            service.destroyForcibly();
          }
        }
      }
    } finally {
      redis.stop();
      trust.stop(0);
    }
  }

  /** Stands in for auth-service, of which only the keys that sign tokens are needed. */
  private static HttpServer trust(Credentials credentials) throws IOException {
    byte[] body = credentials.trust().getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/internal/trust",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private Process start(Path root, Path folder, int postgres, int redis, int port, int management)
      throws IOException {
    Path pepper = folder.resolve("application.properties");
    Files.writeString(pepper, "naap.keys.pepper=" + credentials.pepper() + "\n");
    String database = "localhost:" + postgres + "/postgres";
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-Dsmallrye.config.locations=" + pepper.toUri(),
            "-Dquarkus.http.host=127.0.0.1",
            "-Dquarkus.http.port=" + port,
            "-Dquarkus.management.host=127.0.0.1",
            "-Dquarkus.management.port=" + management,
            "-Dquarkus.datasource.reactive.url=postgresql://" + database,
            "-Dquarkus.datasource.jdbc.url=jdbc:postgresql://" + database,
            "-Dquarkus.datasource.username=postgres",
            "-Dquarkus.datasource.password=postgres",
            "-Dquarkus.redis.hosts=redis://127.0.0.1:" + redis,
            "-Dnaap.issuer=" + Credentials.ISSUER,
            "-Dnaap.trust.url=http://127.0.0.1:" + trust.getAddress().getPort() + "/internal/trust",
            "-jar",
            root.resolve("keys-service/target/quarkus-app/quarkus-run.jar").toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("keys.log").toFile())
        .start();
  }

  private void awaitReady(Process service, int management, Path folder) throws Exception {
    figures.step(
        "start keys-service",
        () -> {
          URI ready = URI.create("http://127.0.0.1:" + management + "/q/health/ready");
          long end = System.nanoTime() + PATIENCE.toNanos();
          while (System.nanoTime() < end && service.isAlive()) {
            try {
              HttpRequest asked = HttpRequest.newBuilder(ready).build();
              if (http.send(asked, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                return "ready";
              }
            } catch (IOException notYet) {
              Thread.sleep(50);
            }
          }
          throw new IllegalStateException(
              "keys-service does not start; see " + folder.resolve("keys.log"));
        });
  }

  private void measure(EmbeddedPostgres postgres, String url) throws Exception {
    List<Credentials.Key> known = new ArrayList<>();
    figures.step(
        "store %,d keys, %,d of them one tenant's".formatted(count, count / 10),
        () -> load(postgres, known));
    String service = credentials.serviceToken();
    // The first calls of a process load classes; they belong to no figure.
    for (Credentials.Key key : known.subList(COLD, known.size())) {
      resolve(url, service, key);
    }
    List<Credentials.Key> asked = known.subList(0, COLD);
    long[] cold = new long[COLD];
    for (int at = 0; at < COLD; at++) {
      cold[at] = resolve(url, service, asked.get(at));
    }
    figures.latencies("key resolve, cold, %,d keys stored,".formatted(count), cold);
    long[] warm = new long[WARM];
    for (int at = 0; at < WARM; at++) {
      warm[at] = resolve(url, service, asked.get(at % 100));
    }
    figures.latencies("key resolve, warm, %,d keys stored,".formatted(count), warm);
    String viewer = credentials.viewerToken(TENANT);
    pages("page of a tenant with %,d keys, the newest,", url, viewer, "");
    pages(
        "page of a tenant with %,d keys, the oldest,",
        url, viewer, "&cursor=" + Cursor.of("key_" + "0".repeat(24) + "99").write());
    pages("search by tag among %,d keys", url, viewer, "&tag=t7");
    pages("search by name among %,d keys", url, viewer, "&q=name+9");
  }

  private void pages(String name, String url, String token, String query) throws Exception {
    long[] nanos = new long[PAGES];
    for (int at = 0; at < PAGES + 50; at++) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + "/v1/keys?limit=20" + query))
              .header("Authorization", "Bearer " + token)
              .timeout(PATIENCE)
              .build();
      long took = timed(request, 200);
      if (at >= 50) {
        nanos[at - 50] = took;
      }
    }
    figures.latencies(name.formatted(count / 10), nanos);
  }

  private long resolve(String url, String token, Credentials.Key key) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/internal/keys/resolve"))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"" + key.whole() + "\"}"))
            .build();
    return timed(request, 200);
  }

  private long timed(HttpRequest request, int expected) throws Exception {
    long start = System.nanoTime();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    long took = System.nanoTime() - start;
    if (answer.statusCode() != expected) {
      throw new IllegalStateException(
          request.uri().getPath() + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return took;
  }

  /** Most keys have a hash that nothing opens; those that are asked for have a real one. */
  private String load(EmbeddedPostgres postgres, List<Credentials.Key> known) throws Exception {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          insert into api_keys (id, tenant_id, name, mode, tags, capabilities, models, allowed_cidrs, limits,
            enabled, last_four, revision, created_by, created_at, updated_at)
          select 'key_' || lpad(n::text, 26, '0'),
            case when n %% 10 = 0 then '%s' else 'ten_' || lpad((n %% 1000)::text, 26, '0') end,
            'name ' || n, 'live', array['t' || (n / 10 %% 50)], '[]', '[]', '[]',
            '{"requests_per_minute":600}', true, lpad((n %% 9999)::text, 4, '0'), 1, 'usr_bench', now(), now()
          from generate_series(1, %d) n"""
              .formatted(TENANT, count));
      statement.execute(
          """
          insert into key_secrets (public_id, key_id, secret_hmac, pepper_version, last_four, created_at)
          select lpad(n::text, 12, '0'), 'key_' || lpad(n::text, 26, '0'),
            decode(md5(n::text) || md5((-n)::text), 'hex'), 1, lpad((n %% 9999)::text, 4, '0'), now()
          from generate_series(1, %d) n"""
              .formatted(count));
      openSome(connection, known);
      statement.execute("vacuum analyze api_keys, key_secrets, key_tags");
    }
    return known.size() + " of them with a known secret";
  }

  private void openSome(Connection connection, List<Credentials.Key> known)
      throws SQLException, java.security.GeneralSecurityException {
    int all = COLD + 2_000;
    try (PreparedStatement update =
        connection.prepareStatement("update key_secrets set secret_hmac = ? where public_id = ?")) {
      for (int at = 0; at < all; at++) {
        // Spread over the whole table; no factor in common with the number of keys.
        long number = 1 + (long) at * 7_919 % count;
        Credentials.Key key = credentials.key("%012d".formatted(number));
        update.setBytes(1, credentials.hash(key));
        update.setString(2, key.publicId());
        update.addBatch();
        known.add(key);
      }
      update.executeBatch();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
