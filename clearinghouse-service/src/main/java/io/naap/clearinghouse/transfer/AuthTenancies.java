package io.naap.clearinghouse.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.clearinghouse.neighbour.CallGuard;
import io.naap.clearinghouse.neighbour.NeighbourGuards;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/** Asks auth-service with the caller's own token, so that auth-service's rules decide. */
@ApplicationScoped
class AuthTenancies implements Tenancies {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BYTES = 64 * 1024;

  private final TransferConfig config;
  private final HttpClient client;
  private final CallGuard guard;

  AuthTenancies(TransferConfig config, NeighbourGuards guards) {
    this.config = config;
    this.client = HttpClient.newHttpClient();
    this.guard = guards.guard("auth-service", config.timeout(), List.of());
  }

  @Override
  public Tenancy of(String authorization, String tenantId) {
    HttpRequest request =
        HttpRequest.newBuilder(config.tenantsUrl().resolve(tenantId))
            .header("Authorization", authorization)
            .build();
    try {
      return guard.call(Tenancy.class, () -> ask(request, tenantId));
    } catch (IOException away) {
      return new Tenancy.Unknown();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return new Tenancy.Unknown();
    }
  }

  private Tenancy ask(HttpRequest request, String tenantId)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      return read(answer.statusCode(), body.readNBytes(MAX_BYTES), tenantId);
    }
  }

  private static Tenancy read(int status, byte[] body, String tenantId) throws IOException {
    if (status == 404) {
      return new Tenancy.Stranger();
    }
    if (status != 200) {
      return new Tenancy.Unknown();
    }
    JsonNode tenant = tree(body);
    if (!tenantId.equals(tenant.path("id").asText())) {
      return new Tenancy.Unknown();
    }
    return "active".equals(tenant.path("status").asText())
        ? new Tenancy.Member()
        : new Tenancy.Suspended();
  }

  private static JsonNode tree(byte[] body) throws IOException {
    return JSON.readTree(body);
  }
}
