package io.naap.deploy.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import redis.embedded.RedisServer;

/** Redis: an embedded one with its append-only file on, or one that is there already. */
final class RedisStore implements AutoCloseable, Part {
  private static final int PROBE_MILLIS = 2_000;

  private final Optional<RedisServer> embedded;
  private final String url;

  private RedisStore(Optional<RedisServer> embedded, String url) {
    this.embedded = embedded;
    this.url = url;
  }

  static RedisStore embedded(Path folder, int port) {
    try {
      Files.createDirectories(folder);
      RedisServer redis =
          RedisServer.newRedisServer()
              .port(port)
              .setting("bind 127.0.0.1")
              .setting("dir " + folder)
              .setting("appendonly yes")
              .setting("appendfsync everysec")
              .setting("maxmemory-policy noeviction")
              .build();
      redis.start();
      return new RedisStore(Optional.of(redis), "redis://127.0.0.1:" + port);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot start Redis", failed);
    }
  }

  static RedisStore existing(URI uri) {
    return new RedisStore(Optional.empty(), uri.toString());
  }

  /** Stops it as an outage would, and starts it again with what its file holds. */
  void stopAndStart(boolean start) throws IOException {
    RedisServer redis = embedded.orElseThrow();
    if (start) {
      redis.start();
    } else {
      redis.stop();
    }
  }

  @Override
  public String name() {
    return "Redis";
  }

  /** Whether it takes connections; one that is not ours is not watched. */
  @Override
  public boolean isAlive() {
    return embedded.isEmpty() || Ports.answers(embedded.get().ports().getFirst(), PROBE_MILLIS);
  }

  @Override
  public String reason() {
    return "it takes no connections at " + url;
  }

  @Override
  public void restart() {
    RedisServer redis = embedded.orElseThrow();
    try {
      redis.stop();
      redis.start();
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot start Redis", failed);
    }
  }

  String url() {
    return url;
  }

  @Override
  public void close() {
    embedded.ifPresent(
        redis -> {
          try {
            redis.stop();
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        });
  }
}
