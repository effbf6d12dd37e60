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
 * @param inFlight jobs running on it through this router, kept over reloads of the table
 */
public record Gateway(
    String name, URI url, Optional<Secret> hookSecret, int weight, AtomicInteger inFlight) {
  public int port() {
    return url.getPort() > 0 ? url.getPort() : isTls() ? 443 : 80;
  }

  public boolean isTls() {
    return "https".equals(url.getScheme());
  }
}
