package io.naap.router;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisAPI;
import java.io.IOException;
import java.net.ServerSocket;
import redis.embedded.RedisServer;

/** A real Redis for the scripts of one test class, on a free port. */
public final class OwnRedis implements AutoCloseable {
  private final RedisServer server;
  private final Vertx vertx = Vertx.vertx();
  private final Redis client;

  private OwnRedis(int port) throws IOException {
    server = RedisServer.newRedisServer().port(port).setting("bind 127.0.0.1").build();
    server.start();
    client = Redis.createClient(vertx, "redis://127.0.0.1:" + port);
  }

  public static OwnRedis start() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    return new OwnRedis(port);
  }

  public Redis client() {
    return client;
  }

  public RedisAPI api() {
    return RedisAPI.api(client);
  }

  public static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public void close() throws IOException {
    await(vertx.close());
    server.stop();
  }
}
