package io.naap.contracts.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import redis.embedded.RedisServer;

/**
 * Starts a real Postgres and a real Redis on free ports for a test run, and a stand-in for
 * auth-service that serves the keys of {@link Tokens}. Use with
 * {@code @QuarkusTestResource(Stores.class)}.
 */
public class Stores implements QuarkusTestResourceLifecycleManager {
  private EmbeddedPostgres postgres;
  private RedisServer redis;

  /** The only tenant that does not exist for the stand-in of auth-service. */
  public static final String NO_TENANT = "ten_01kzzzzzzzzzzzzzzzzzzzzzzz";

  private TrustServer trust;

  @Override
  public Map<String, String> start() {
    try {
      postgres = EmbeddedPostgres.builder().setServerConfig("max_connections", "60").start();
      int redisPort = freePort();
      redis = RedisServer.newRedisServer().port(redisPort).setting("bind 127.0.0.1").build();
      redis.start();
      String address = "localhost:" + postgres.getPort() + "/postgres";
      Map<String, String> config = new HashMap<>();
      config.put("quarkus.datasource.reactive.url", "postgresql://" + address);
      config.put("quarkus.datasource.jdbc.url", "jdbc:postgresql://" + address);
      config.put("quarkus.datasource.username", "postgres");
      config.put("quarkus.datasource.password", "postgres");
      config.put("quarkus.redis.hosts", "redis://127.0.0.1:" + redisPort);
      trust = TrustServer.start();
      config.put("naap.trust.url", trust.url());
      config.put("naap.tenants.url", trust.tenantsUrl());
      return config;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void stop() {
    try {
      if (trust != null) {
        trust.stop();
      }
      if (redis != null) {
        redis.stop();
      }
      if (postgres != null) {
        postgres.close();
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
