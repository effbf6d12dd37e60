package io.naap.deploy.bench.router;

import io.naap.deploy.bench.report.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Builds, configures and starts everything that a request can pass through. */
final class Peers implements AutoCloseable {
  static final String OURS = "naap router";
  static final String BARE = "nginx proxy_pass bare";
  static final String LUA = "nginx+Lua+Redis";
  static final String SPRING = "Spring Cloud Gateway";
  static final String PORTKEY = "Portkey";
  static final String FASTIFY = "Fastify + Redis limiter";

  private final Path root;
  private final Path folder;
  private final DebianPackages packages;
  private final FakeServices neighbours;
  private final Credentials credentials;
  private final List<Started> running = new ArrayList<>();
  private int started;

  Peers(
      Path root,
      Path folder,
      DebianPackages packages,
      FakeServices neighbours,
      Credentials credentials) {
    this.root = root;
    this.folder = folder;
    this.packages = packages;
    this.neighbours = neighbours;
    this.credentials = credentials;
  }

  /** Installs and builds the peers that are not programs of Debian. */
  void build() throws IOException, InterruptedException {
    Path peers = root.resolve("deploy/bench/peers");
    for (String name : List.of("fastify", "portkey")) {
      if (!Files.isDirectory(peers.resolve(name).resolve("node_modules"))) {
        run(peers.resolve(name), "npm", "ci", "--omit=dev", "--no-audit", "--no-fund");
      }
    }
    if (!Files.exists(spring())) {
      run(
          peers.resolve("spring"),
          root.resolve("mvnw").toString(),
          "-q",
          "-f",
          "pom.xml",
          "package");
    }
  }

  private Path spring() {
    return root.resolve("deploy/bench/peers/spring/target/spring-cloud-gateway-1.jar");
  }

  private void run(Path where, String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("build.log").toFile())
            .start();
    if (!process.waitFor(300, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(
          String.join(" ", command) + " failed; see " + folder.resolve("build.log"));
    }
  }

  Peer upstream() throws IOException, InterruptedException {
    int port = Started.freePort();
    return nginx("direct", "upstream.conf", port, Map.of("upstream", Integer.toString(port)));
  }

  /** All of them in front of one upstream. */
  List<Peer> all(int upstream, int redis, boolean streaming, boolean alone)
      throws IOException, InterruptedException {
    List<Peer> all = new ArrayList<>();
    all.add(ours(upstream, redis, "512m", Map.of()));
    if (alone) {
      return all;
    }
    Map<String, String> values = values(upstream, redis, streaming);
    all.add(nginx(BARE, "bare.conf", Started.freePort(), values));
    all.add(nginx(LUA, "lua.conf", Started.freePort(), values));
    all.add(spring(upstream, redis));
    all.add(portkey(upstream));
    all.add(fastify(upstream, redis));
    return all;
  }

  Peer luaOnly(int upstream, int redis) throws IOException, InterruptedException {
    return nginx(LUA, "lua.conf", Started.freePort(), values(upstream, redis, false));
  }

  private Map<String, String> values(int upstream, int redis, boolean streaming) {
    return Map.of(
        "upstream", Integer.toString(upstream),
        "redis", Integer.toString(redis),
        "packages", packages.root().toString(),
        "buffering", streaming ? "off" : "on");
  }

  private Peer nginx(String name, String file, int port, Map<String, String> values)
      throws IOException, InterruptedException {
    String text = Files.readString(root.resolve("deploy/bench/peers/nginx").resolve(file));
    Path own = Files.createDirectories(folder.resolve("nginx-" + ++started));
    Map<String, String> all = new LinkedHashMap<>(values);
    all.put("port", Integer.toString(port));
    all.put("folder", own.toString());
    for (Map.Entry<String, String> value : all.entrySet()) {
      text = text.replace("@" + value.getKey() + "@", value.getValue());
    }
    Path configuration = own.resolve("nginx.conf");
    Files.writeString(configuration, text);
    return ready(
        new Peer(
            name,
            Started.start(
                "nginx",
                own,
                Map.of("LD_LIBRARY_PATH", packages.libraries()),
                packages.nginx().toString(),
                "-p",
                own.toString(),
                "-c",
                configuration.toString()),
            port,
            Map.of()));
  }

  /**
   * The router as it is deployed, with the figures' neighbours.
   *
   * @param heap the most memory of its heap
   */
  Peer ours(int upstream, int redis, String heap, Map<String, String> properties)
      throws IOException, InterruptedException {
    Path own = Files.createDirectories(folder.resolve("router-" + ++started));
    Path table = own.resolve("routing.yaml");
    Files.writeString(
        table,
        """
        pools:
          - name: standard
            tier: standard
            capabilities:
              llm: [bench/model]
            gateways:
              - name: gateway-1
                url: http://127.0.0.1:%d
        """
            .formatted(upstream));
    int port = Started.freePort();
    Map<String, String> all = new LinkedHashMap<>();
    all.put("quarkus.http.host", "127.0.0.1");
    all.put("quarkus.http.port", Integer.toString(port));
    all.put("quarkus.management.host", "127.0.0.1");
    all.put("quarkus.management.port", Integer.toString(Started.freePort()));
    all.put("quarkus.redis.hosts", "redis://127.0.0.1:" + redis);
    all.put("quarkus.oidc-client.credentials.client-secret.value", "bench");
    for (String other : List.of("keys", "metering", "clearinghouse")) {
      all.put("quarkus.rest-client." + other + ".url", neighbours.url());
    }
    all.put("naap.issuer", Credentials.ISSUER);
    all.put("naap.auth-url", neighbours.url());
    all.put("naap.trust.url", neighbours.url() + "/internal/trust");
    all.put("naap.router.routing-table", table.toString());
    all.put("naap.router.spool-directory", own.resolve("spool").toString());
    all.put("naap.router.public-url", Credentials.ISSUER);
    all.putAll(properties);
    Path configuration = own.resolve("application.properties");
    Files.write(
        configuration,
        all.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList());
    List<String> command =
        new ArrayList<>(
            List.of(java(), "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx" + heap));
    command.addAll(List.of("-Dsmallrye.config.locations=" + configuration.toUri(), "-jar"));
    command.add(root.resolve("router-service/target/quarkus-app/quarkus-run.jar").toString());
    return ready(
        new Peer(
            OURS,
            Started.start("router", own, Map.of(), command.toArray(String[]::new)),
            port,
            Map.of()));
  }

  private Peer spring(int upstream, int redis) throws IOException, InterruptedException {
    int port = Started.freePort();
    return ready(
        new Peer(
            SPRING,
            Started.start(
                "spring-" + ++started,
                folder,
                Map.of(),
                java(),
                "-Xmx512m",
                "-Dupstream=" + upstream,
                "-Dserver.port=" + port,
                "-Dspring.data.redis.port=" + redis,
                "-jar",
                spring().toString()),
            port,
            Map.of()));
  }

  private Peer portkey(int upstream) throws IOException, InterruptedException {
    int port = Started.freePort();
    Path peer = root.resolve("deploy/bench/peers/portkey");
    return ready(
        new Peer(
            PORTKEY,
            Started.start(
                "portkey-" + ++started,
                folder,
                Map.of("NODE_ENV", "production", "TRUSTED_CUSTOM_HOSTS", "127.0.0.1,localhost"),
                "node",
                peer.resolve("node_modules/@portkey-ai/gateway/build/start-server.js").toString(),
                "--port=" + port,
                "--headless"),
            port,
            Map.of(
                "x-portkey-provider",
                "openai",
                "x-portkey-custom-host",
                "http://127.0.0.1:" + upstream + "/v1")));
  }

  private Peer fastify(int upstream, int redis) throws IOException, InterruptedException {
    int port = Started.freePort();
    Path peer = root.resolve("deploy/bench/peers/fastify");
    return ready(
        new Peer(
            FASTIFY,
            Started.start(
                "fastify-" + ++started,
                folder,
                Map.of("NODE_ENV", "production"),
                "node",
                peer.resolve("server.js").toString(),
                Integer.toString(port),
                Integer.toString(upstream),
                Integer.toString(redis)),
            port,
            Map.of()));
  }

  /** Stores the keys where nginx with Lua looks for them. */
  static void know(int redis, List<String> keys) {
    try (Jedis jedis = new Jedis("127.0.0.1", redis);
        Pipeline pipeline = jedis.pipelined()) {
      for (String key : keys) {
        pipeline.hset("key:" + key, Map.of("tenant", "ten_bench", "tier", "standard"));
      }
    }
  }

  /** Keys that all peers are called with; every one is another's. */
  List<String> keys(int from, int count) {
    List<String> keys = new ArrayList<>(count);
    for (int number = from; number < from + count; number++) {
      keys.add(credentials.key("%012d".formatted(number)).whole());
    }
    return keys;
  }

  private Peer ready(Peer peer) throws InterruptedException {
    running.add(peer.process());
    peer.process().awaitPort(peer.port());
    return peer;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Stops what is left, also when something went wrong half-way. */
  @Override
  public void close() {
    running.forEach(Started::close);
  }
}
