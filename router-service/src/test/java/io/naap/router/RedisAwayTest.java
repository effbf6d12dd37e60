package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs while Redis is away. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(20)
class RedisAwayTest extends RawConversation {
  // --- Redis ---

  @Test
  void jobsThatRunEndAndAreRecordedWhileRedisIsAway() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(1, false));
          io.vertx.core.Vertx.currentContext()
              .owner()
              .setTimer(
                  900,
                  later -> {
                    chunk(socket, RawGateway.event(2, true));
                    socket.write("0\r\n\r\n");
                  });
        });
    HttpResponse<InputStream> stream =
        client.send(
            asked("/v1/chat/completions").POST(HttpRequest.BodyPublishers.ofString(CHAT)).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    redis.execute("CLIENT", "PAUSE", "2500", "ALL");

    String answer = new String(stream.body().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(answer).endsWith("data: [DONE]\n\n");
    assertThat(Recorded.only(redis, key).units().get(Unit.TOKENS_OUT)).isEqualTo(2);
  }
}
