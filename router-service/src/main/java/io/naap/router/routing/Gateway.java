package io.naap.router.routing;

import io.naap.contracts.secret.Secret;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One go-livepeer gateway.
 *
 * @param name never changes; usage is attributed to it
 * @param hookSecret what the gateway proves itself with when it calls our hooks
 * @param cli its {@code -cliAddr}, where it says what its orchestrators can do
 * @param state kept over reloads of the table
 */
public record Gateway(
    String name,
    URI url,
    Optional<Secret> hookSecret,
    Optional<URI> cli,
    int weight,
    GatewayState state) {
  public int port() {
    return port(url);
  }

  static int port(URI url) {
    return url.getPort() > 0 ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
  }

  public boolean isTls() {
    return "https".equals(url.getScheme());
  }

  /** Jobs running on it through this router. */
  public AtomicInteger inFlight() {
    return state.inFlight();
  }

  public Health health() {
    return state.health();
  }

  Shortages shortages() {
    return state.shortages();
  }

  Probing probing() {
    return state.probing();
  }

  public Discovered discovered() {
    return state.discovered();
  }
}
