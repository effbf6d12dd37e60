package io.naap.clearinghouse.transfer;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Tells a caller's tenants as auth-service does: those with a status here, by whoever asks. */
public class AuthStandIn implements QuarkusTestResourceLifecycleManager {
  /** By the authorization header and the tenant; {@code broken} is a 500. */
  static final Map<String, String> STATUS = new ConcurrentHashMap<>();

  private HttpServer server;

  @Override
  public Map<String, String> start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/v1/tenants/",
          exchange -> {
            String tenant = exchange.getRequestURI().getPath().substring("/v1/tenants/".length());
            String status =
                STATUS.get(exchange.getRequestHeaders().getFirst("Authorization") + " " + tenant);
            byte[] body =
                "{\"id\":\"%s\",\"name\":\"n\",\"status\":\"%s\"}"
                    .formatted(tenant, status)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(
                status == null ? 404 : "broken".equals(status) ? 500 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      return Map.of(
          "naap.clearinghouse.transfer.tenants-url",
          "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/tenants/",
          "naap.clearinghouse.transfer.daily-limit-usd",
          "50");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void stop() {
    if (server != null) {
      server.stop(0);
    }
  }
}
