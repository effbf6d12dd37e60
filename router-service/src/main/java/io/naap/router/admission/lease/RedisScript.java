package io.naap.router.admission.lease;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Lua script of Redis, sent whole only when Redis does not know it. */
final class RedisScript {
  private final RedisAPI redis;
  private final Duration timeout;
  private final String text;
  private volatile String sha;

  /**
   * @param files of the resources in {@code /admission}, which make the script together
   */
  RedisScript(RedisAPI redis, Duration timeout, String... files) {
    this.redis = redis;
    this.timeout = timeout;
    StringBuilder all = new StringBuilder();
    for (String name : files) {
      try (InputStream file =
          RedisScript.class.getResourceAsStream("/admission/" + name + ".lua")) {
        all.append(new String(file.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }
    text = all.toString();
  }

  Future<Response> run(List<String> keys, List<String> args) {
    List<String> command = new ArrayList<>(keys.size() + args.size() + 2);
    command.add("");
    command.add(Integer.toString(keys.size()));
    command.addAll(keys);
    command.addAll(args);
    // Timed by the caller's own loop: a future of no context starts a thread for each timeout.
    ContextInternal loop = ContextInternal.current();
    Promise<Response> answered = loop == null ? Promise.promise() : loop.promise();
    attempt(command, true).onComplete(answered);
    return answered.future().timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Future<Response> attempt(List<String> command, boolean again) {
    return sha()
        .compose(
            known -> {
              command.set(0, known);
              return redis.evalsha(command);
            })
        .recover(
            failure -> {
              if (again && String.valueOf(failure.getMessage()).startsWith("NOSCRIPT")) {
                sha = null;
                return attempt(command, false);
              }
              return Future.failedFuture(failure);
            });
  }

  private Future<String> sha() {
    return sha != null
        ? Future.succeededFuture(sha)
        : redis
            .script(List.of("LOAD", text))
            .map(
                loaded -> {
                  sha = loaded.toString();
                  return sha;
                });
  }
}
