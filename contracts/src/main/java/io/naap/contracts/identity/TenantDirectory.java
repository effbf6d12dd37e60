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
 * Tells whether a tenant exists, by asking auth-service with the caller's own token; the caller
 * must have a role that reads all tenants. Services check this before they book money, prices or
 * usage, which nobody could see or pay in a tenant that does not exist. Blocks; call it on a
 * virtual thread.
 */
@ApplicationScoped
public class TenantDirectory {
  private static final int MOST_REMEMBERED = 100_000;

  private final TenantsConfig config;
  private final HttpClient client;

  /** Tenants that exist. Tenants are never deleted, so an entry stays true. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  TenantDirectory(TenantsConfig config) {
    this.config = config;
    this.client = HttpClient.newBuilder().connectTimeout(config.timeout()).build();
  }

  /**
   * Refuses with 404 when the tenant does not exist, and with 503 when auth-service does not
   * answer.
   *
   * @param identity the caller, whose own tenant is known to exist
   */
  public void require(SecurityIdentity identity, String tenantId) {
    if (!exists(identity, tenantId)) {
      throw Refusal.notFound("tenant").raise();
    }
  }

  /** True when the tenant exists. */
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
