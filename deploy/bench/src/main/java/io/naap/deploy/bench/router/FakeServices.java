package io.naap.deploy.bench.router;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.naap.deploy.bench.report.Credentials;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/**
 * The services behind the router, as far as it asks them: whose a key is, what the plan says, what
 * was used so far, and money. Any key with a right checksum is a good one of one of the tenants.
 */
final class FakeServices implements AutoCloseable {
  static final int TENANTS = 1_000;
  private static final long PLENTY = 1_000_000_000L;
  private static final String NOTHING =
      "{\"units\":{},\"cost\":{\"amount\":\"0\",\"currency\":\"USD\"}}";

  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, BigDecimal> funded = new ConcurrentHashMap<>();
  private final Credentials credentials;
  private final HttpServer server;

  FakeServices(Credentials credentials) throws IOException {
    this.credentials = credentials;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      byte[] answer =
          answer(exchange.getRequestURI().getPath(), body).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private String answer(String path, String body) throws IOException {
    if (path.equals("/internal/trust")) {
      return credentials.trust();
    }
    if (path.equals("/oauth/token")) {
      return "{\"access_token\":\"bench\",\"token_type\":\"Bearer\",\"expires_in\":3600}";
    }
    if (path.equals("/internal/keys/resolve")) {
      return profile(json.readTree(body).path("key").asText());
    }
    if (path.equals("/internal/funds")) {
      return funding(body);
    }
    String id = path.split("/", -1)[3];
    if (path.endsWith("/plan")) {
      return plan(id);
    }
    String owner = path.startsWith("/internal/tenants/") ? "tenant_id" : "key_id";
    return "{\"%s\":\"%s\",\"day\":\"%s\",\"today\":%s,\"month\":%s,\"lifetime\":%s}"
        .formatted(owner, id, LocalDate.now(ZoneOffset.UTC), NOTHING, NOTHING, NOTHING);
  }

  /** Three rates and a cap, all of which count and none of which is reached. */
  private static String profile(String key) {
    String publicId = key.substring("naap_live_".length(), "naap_live_".length() + 12);
    return """
    {"key_id":"key_%s","tenant_id":"%s","name":"bench","tags":[],"capabilities":[],"models":[],
     "allowed_cidrs":[],"allowed_origins":[],
     "limits":{"requests_per_minute":%d,"requests_per_day":%d,"concurrent_requests":100000,"units_per_minute":[],
       "caps":[{"what":"tokens_out","window":"month","limit":%d}]},
     "tenant_limits":{"units_per_minute":[],"caps":[]},"revision":1,"ttl_seconds":3600}"""
        .formatted(publicId, tenant(publicId), PLENTY, PLENTY, PLENTY * 1_000);
  }

  private static String tenant(String publicId) {
    return "ten_%026d".formatted(Math.floorMod(publicId.hashCode(), TENANTS));
  }

  private static String plan(String tenant) {
    return """
    {"tenant_id":"%s","plan":{"id":"pln_bench","version":1,"name":"Bench","charges":[
       {"model":"usage","filter":{"capability":"llm"},"unit":"tokens_in","per":1000000,"price":0.05},
       {"model":"usage","filter":{"capability":"llm"},"unit":"tokens_out","per":1000000,"price":0.1}]},
     "prepaid":true,"tier":"standard","limits":{"units_per_minute":[],"caps":[]},"capabilities":[],"models":[]}"""
        .formatted(tenant);
  }

  private String funding(String body) throws IOException {
    var asked = json.readTree(body);
    String tenant = asked.path("tenant_id").asText();
    BigDecimal seen = new BigDecimal(asked.path("seen").path("amount").asText());
    BigDecimal wanted = new BigDecimal(asked.path("wanted").path("amount").asText());
    BigDecimal total = funded.merge(tenant, seen.add(wanted), (before, after) -> before.max(after));
    return "{\"funding_id\":\"fnd_%s\",\"tenant_id\":\"%s\",\"epoch\":\"%s\",\"total\":{\"amount\":\"%s\",\"currency\":\"USD\"}}"
        .formatted(tenant, tenant, asked.path("epoch").asText(), total.toPlainString());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
