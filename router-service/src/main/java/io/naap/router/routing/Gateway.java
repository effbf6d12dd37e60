package io.naap.router.routing;

import io.naap.contracts.secret.Secret;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One go-livepeer gateway.
 *
 * @param name never changes; usage is attributed to it
 * @param hookSecret by which the gateway proves itself when it calls the router's hooks
 * @param cli its {@code -cliAddr}, where it tells what its orchestrators can do
 * @param state is kept when the table is reloaded
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

  /** The jobs that run on it through this router. */
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
