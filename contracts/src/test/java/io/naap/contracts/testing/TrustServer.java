package io.naap.contracts.testing;

import com.sun.net.httpserver.HttpServer;
import io.naap.contracts.identity.TrustDocument;
import io.naap.contracts.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * A stand-in for auth-service that serves {@code /internal/trust} with the key of {@link Tokens}.
 */
final class TrustServer {
  private final HttpServer server;

  private TrustServer(HttpServer server) {
    this.server = server;
  }

  static TrustServer start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/internal/trust",
        exchange -> {
          TrustDocument trust = Tokens.trust();
          if (('"' + trust.version() + '"')
              .equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
          } else {
            byte[] body = Json.write(trust).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.createContext(
        "/v1/tenants/",
        exchange -> {
          boolean unknown = exchange.getRequestURI().getPath().endsWith(Stores.NO_TENANT);
          exchange.sendResponseHeaders(unknown ? 404 : 200, -1);
          exchange.close();
        });
    server.start();
    return new TrustServer(server);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/internal/trust";
  }

  /** The URL that answers whether a tenant exists; all do except {@link Stores#NO_TENANT}. */
  String tenantsUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/tenants/";
  }

  void stop() {
    server.stop(0);
  }
}
