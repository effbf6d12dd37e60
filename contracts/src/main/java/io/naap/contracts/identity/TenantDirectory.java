package io.naap.contracts.identity;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Whether a tenant exists. Only auth-service knows; it is asked with the caller's own token, who
 * has to be one that reads all tenants. Money, prices and usage are not booked for a tenant that
 * does not exist: nobody would ever see or pay them. Blocks, so callers are on virtual threads.
 */
@ApplicationScoped
public class TenantDirectory {
  private static final int MOST_REMEMBERED = 100_000;

  private final TenantsConfig config;
  private final HttpClient client;

  /** Tenants are never removed, so one that was there once is remembered. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  TenantDirectory(TenantsConfig config) {
    this.config = config;
    this.client = HttpClient.newBuilder().connectTimeout(config.timeout()).build();
  }

  /**
   * Refuses a tenant that does not exist, with 404, and says 503 while nobody can tell.
   *
   * @param identity of the caller; its own tenant exists
   */
  public void require(SecurityIdentity identity, String tenantId) {
    if (!exists(identity, tenantId)) {
      throw Refusal.notFound("tenant").raise();
    }
  }

  /** False when there is no such tenant. */
  public boolean exists(SecurityIdentity identity, String tenantId) {
    if (!IdKind.TENANT.matches(tenantId)) {
      return false;
    }
    if (Caller.of(identity).tenantId().filter(tenantId::equals).isPresent()
        || known.contains(tenantId)) {
      return true;
    }
    boolean exists = ask(identity, tenantId);
    if (exists) {
      if (known.size() >= MOST_REMEMBERED) {
        known.clear();
      }
      known.add(tenantId);
    }
    return exists;
  }

  private boolean ask(SecurityIdentity identity, String tenantId) {
    if (!(identity.getPrincipal() instanceof JsonWebToken token)) {
      throw new IllegalStateException("the caller has no token");
    }
    HttpRequest request =
        HttpRequest.newBuilder(config.url().resolve(tenantId))
            .timeout(config.timeout())
            .header("Authorization", "Bearer " + token.getRawToken())
            .build();
    try {
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      answer.body().close();
      return switch (answer.statusCode()) {
        case 200 -> true;
        case 404 -> false;
        default -> throw unavailable();
      };
    } catch (IOException away) {
      throw unavailable();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw unavailable();
    }
  }

  private static RuntimeException unavailable() {
    return Refusal.unavailable("Nobody can say now whether the tenant exists; try again.").raise();
  }
}
