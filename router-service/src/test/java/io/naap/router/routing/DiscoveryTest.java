package io.naap.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.router.Eventually;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryTest {
  private static final String GOOD =
      """
      {"capabilities_names":{"27":"Text to image"},
       "orchestrators":[{"hardware":[{"pipeline":"text-to-image","model_id":"a/model"}]}]}
      """;

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Consumer<HttpServerRequest> gateway = request -> request.response().end(GOOD);
  @TempDir Path directory;

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private Discovered discovered() throws IOException {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  asked.incrementAndGet();
                  gateway.accept(request);
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    Files.writeString(
        directory.resolve("routing.yaml"),
        """
        pools:
          - name: standard
            tier: standard
            capabilities: {text-to-image: ["*"]}
            gateways:
              - {name: gateway-1, url: "http://127.0.0.1:1", cli_url: "http://127.0.0.1:%d"}
        """
            .formatted(server.actualPort()));
    RoutingTables tables = new RoutingTables(new RoutingTablesTest.Config(directory), vertx);
    tables.start(null);
    new Discovery(tables, new Often(), new ObjectMapper(), vertx).start(null);
    return tables.current().gateway("gateway-1").orElseThrow().discovered();
  }

  private static boolean comes(BooleanSupplier what) throws InterruptedException {
    return Eventually.holds(what::getAsBoolean);
  }

  @Test
  void aGatewayThatNeverAnsweredIsHeardWhenItDoes() throws Exception {
    gateway = request -> {};
    Discovered discovered = discovered();
    assertThat(comes(() -> asked.get() >= 10)).isTrue();

    gateway = request -> request.response().end(GOOD);

    assertThat(comes(() -> discovered.offers().isPresent())).isTrue();
  }

  @Test
  void aGatewayThatDripsIsGivenUpEachTime() throws Exception {
    gateway =
        request -> {
          request.response().setChunked(true).write("{");
          vertx.setPeriodic(20, drop -> request.response().write(" "));
        };
    var unused = discovered();

    assertThat(comes(() -> asked.get() >= 10)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "\"hello\"",
        "{\"capabilities_names\":{\"27\":\"Text to image\"},\"orchestrators\":["
            + "{\"capabilities_prices\":[{\"capability\":27,\"constraint\":\"a\",\"pricePerUnit\":1e999}]}]}"
      })
  void whatIsNoAnswerTellsNothingAndIsForgottenInTime(String garbage) throws Exception {
    Discovered discovered = discovered();
    assertThat(comes(() -> discovered.offers().isPresent())).isTrue();

    gateway = request -> request.response().end(garbage);
    int before = asked.get();
    assertThat(comes(() -> asked.get() >= before + 3)).isTrue();
    assertThat(discovered.orchestrators("text-to-image", "a/model")).hasValue(1);

    assertThat(comes(() -> discovered.offers().isEmpty())).isTrue();
  }

  private record Often() implements DiscoveryConfig {
    @Override
    public Duration every() {
      return Duration.ofMillis(50);
    }

    @Override
    public Duration timeout() {
      return Duration.ofMillis(100);
    }

    @Override
    public Duration forgottenAfter() {
      return Duration.ofSeconds(1);
    }

    @Override
    public int answerMaxBytes() {
      return 65_536;
    }
  }
}
