package io.naap.router.neighbour;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Response;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A connection on which nothing is answered, and which nobody has closed. */
class ChangeFeedSilenceTest {
  private static final int STREAMS = 3;

  @Test
  void asksAgainWhenRedisDoesNotAnswer() throws InterruptedException {
    CountDownLatch twice = new CountDownLatch(2 * STREAMS);
    RedisAPI silent =
        (RedisAPI)
            Proxy.newProxyInstance(
                RedisAPI.class.getClassLoader(),
                new Class<?>[] {RedisAPI.class},
                (proxy, method, arguments) -> {
                  twice.countDown();
                  return Promise.<Response>promise().future();
                });
    Vertx vertx = Vertx.vertx();
    ChangeFeed pushes = new ChangeFeed(silent, vertx, List.of());
    try {
      pushes.start(null);
      assertTrue(twice.await(6, TimeUnit.SECONDS));
    } finally {
      pushes.stop(null);
      vertx.close();
    }
  }
}
