package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Response;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestLogTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<Promise<Response>> sent = new CopyOnWriteArrayList<>();

  /** A store that answers when the test says so. */
  private final Redis redis =
      (Redis)
          Proxy.newProxyInstance(
              Redis.class.getClassLoader(),
              new Class<?>[] {Redis.class},
              (proxy, method, arguments) -> {
                if (!method.getName().equals("send")) {
                  throw new UnsupportedOperationException(method.getName());
                }
                Promise<Response> answer = Promise.promise();
                sent.add(answer);
                Future<Response> future = answer.future();
                return arguments.length == 1 || !(arguments[1] instanceof Handler<?>)
                    ? future
                    : proxy;
              });

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private static RequestLogged line(int at) {
    return new RequestLogged(
        new RequestLogged.Request("req_" + at, Instant.EPOCH, "ten_1", "key_1", "llm", "a/model"),
        new RequestLogged.Answer(200, Optional.empty(), Optional.empty(), Optional.empty()),
        Units.NONE,
        NanoUsd.ZERO,
        1,
        1);
  }

  @Test
  void whatAStoreThatDoesNotAnswerHasToTakeDoesNotPileUp() throws InterruptedException {
    RequestLog log = new RequestLog(redis, vertx);
    log.start(null);
    for (int at = 0; at < 5; at++) {
      log.log(line(at));
      Thread.sleep(300);
    }
    assertThat(sent).hasSize(1);

    sent.getFirst().fail("gone");

    assertThat(Eventually.holds(() -> sent.size() == 2)).isTrue();
  }
}
