package io.naap.keys.tier;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.resteasy.reactive.ClientWebApplicationException;
import org.junit.jupiter.api.Test;

/** A refusal of metering-service is an answer: it says nothing about metering's health. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(value = PlanClientTest.Refusing.class, restrictToAnnotatedClass = true)
class PlanClientTest {
  @RestClient PlanClient plans;

  /** A metering-service that refuses every question with 403. */
  public static final class Refusing implements QuarkusTestResourceLifecycleManager {
    private HttpServer server;

    @Override
    public Map<String, String> start() {
      try {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
      server.createContext(
          "/",
          exchange -> {
            exchange.sendResponseHeaders(403, -1);
            exchange.close();
          });
      server.start();
      return Map.of(
          "quarkus.rest-client.metering.url", "http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void stop() {
      server.stop(0);
    }
  }

  @Test
  void thirtyRefusalsOpenNoCircuitBreaker() {
    for (int at = 0; at < 30; at++) {
      assertThatThrownBy(() -> plans.of("ten_1", "Bearer x").await().atMost(Duration.ofSeconds(5)))
          .isInstanceOf(ClientWebApplicationException.class);
    }
  }
}
