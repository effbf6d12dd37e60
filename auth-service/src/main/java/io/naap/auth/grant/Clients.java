package io.naap.auth.grant;

import io.naap.auth.token.TokenConfig;
import io.naap.contracts.secret.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Checks the secrets of the platform's own services, which are configured. */
@ApplicationScoped
public class Clients {
  private static final String SCHEME = "Basic ";

  private final Map<String, Secret> services;

  Clients(TokenConfig config) {
    this.services = Map.copyOf(config.serviceClients());
  }

  /** The client id and secret of an HTTP Basic header (RFC 7617). */
  record Credentials(String id, String secret) {
    @Override
    public String toString() {
      return "Credentials[" + id + "]";
    }
  }

  static Optional<Credentials> credentials(String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip()),
              StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 1
          ? Optional.empty()
          : Optional.of(new Credentials(pair.substring(0, colon), pair.substring(colon + 1)));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  boolean isService(String id, String secret) {
    Secret own = services.get(id);
    return own != null && own.matches(secret);
  }
}
